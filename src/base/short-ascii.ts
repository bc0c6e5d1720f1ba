const text = String.fromCharCode

/**
 * Reads ASCII of at most eight bytes, which most columns of codes, states and units hold, in a third of the time that the platform's
 * own routines need to be called. Written out by length, because one call with all characters makes one flat string.
 *
 * @returns undefined when it is longer, or not ASCII
 */
export function shortAscii(bytes: Uint8Array, at: number, end: number): string | undefined {
  switch (end - at) {
    case 0:
      return ''
    case 1: {
      const a = bytes[at]!
      return a < 128 ? text(a) : undefined
    }
    case 2: {
      const a = bytes[at]!, b = bytes[at + 1]!
      return (a | b) < 128 ? text(a, b) : undefined
    }
    case 3: {
      const a = bytes[at]!, b = bytes[at + 1]!, c = bytes[at + 2]!
      return (a | b | c) < 128 ? text(a, b, c) : undefined
    }
    case 4: {
      const a = bytes[at]!, b = bytes[at + 1]!, c = bytes[at + 2]!, d = bytes[at + 3]!
      return (a | b | c | d) < 128 ? text(a, b, c, d) : undefined
    }
    case 5: {
      const a = bytes[at]!, b = bytes[at + 1]!, c = bytes[at + 2]!, d = bytes[at + 3]!, e = bytes[at + 4]!
      return (a | b | c | d | e) < 128 ? text(a, b, c, d, e) : undefined
    }
    case 6: {
      const a = bytes[at]!, b = bytes[at + 1]!, c = bytes[at + 2]!, d = bytes[at + 3]!, e = bytes[at + 4]!, f = bytes[at + 5]!
      return (a | b | c | d | e | f) < 128 ? text(a, b, c, d, e, f) : undefined
    }
    case 7: {
      const a = bytes[at]!, b = bytes[at + 1]!, c = bytes[at + 2]!, d = bytes[at + 3]!, e = bytes[at + 4]!, f = bytes[at + 5]!, g = bytes[at + 6]!
      return (a | b | c | d | e | f | g) < 128 ? text(a, b, c, d, e, f, g) : undefined
    }
    case 8: {
      const a = bytes[at]!, b = bytes[at + 1]!, c = bytes[at + 2]!, d = bytes[at + 3]!, e = bytes[at + 4]!, f = bytes[at + 5]!, g = bytes[at + 6]!, h = bytes[at + 7]!
      return (a | b | c | d | e | f | g | h) < 128 ? text(a, b, c, d, e, f, g, h) : undefined
    }
    default:
      return undefined
  }
}
