/** The most bytes of text that are read and written by loops of our own. */
export const SHORT_ASCII = 24

/**
 * Writes ASCII where there is room for it, by a loop that ends before the platform's own routine would have begun if it is short.
 *
 * @returns where it ends, or -1 when it is not ASCII
 */
export function putAscii(bytes: Uint8Array, at: number, text: string): number {
  const { length } = text
  let units = 0
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    units |= unit
    bytes[at + i] = unit
  }
  return units < 128 ? at + length : -1
}

const text = String.fromCharCode

/**
 * Reads ASCII of at most 24 bytes, which most columns of names, codes and states hold, in a quarter to a half of the time that the
 * platform's own routines need to be called. Written out by length, because one call with all characters makes one flat string.
 *
 * @returns undefined when it is longer, or not ASCII
 */
export function shortAscii(b: Uint8Array, at: number, end: number): string | undefined {
  switch (end - at) {
    case 0:
      return ''
    case 1: {
      const c0 = b[at]!
      return c0 < 128 ? text(c0) : undefined
    }
    case 2: {
      const c0 = b[at]!, c1 = b[at + 1]!
      return (c0 | c1) < 128 ? text(c0, c1) : undefined
    }
    case 3: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!
      return (c0 | c1 | c2) < 128 ? text(c0, c1, c2) : undefined
    }
    case 4: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!
      return (c0 | c1 | c2 | c3) < 128 ? text(c0, c1, c2, c3) : undefined
    }
    case 5: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!
      return (c0 | c1 | c2 | c3 | c4) < 128 ? text(c0, c1, c2, c3, c4) : undefined
    }
    case 6: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!
      return (c0 | c1 | c2 | c3 | c4 | c5) < 128 ? text(c0, c1, c2, c3, c4, c5) : undefined
    }
    case 7: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6) < 128 ? text(c0, c1, c2, c3, c4, c5, c6) : undefined
    }
    case 8: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7) : undefined
    }
    case 9: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!, c8 = b[at + 8]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7, c8) : undefined
    }
    case 10: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!, c8 = b[at + 8]!, c9 = b[at + 9]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9) : undefined
    }
    case 11: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!, c8 = b[at + 8]!, c9 = b[at + 9]!, c10 = b[at + 10]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | c10) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10) : undefined
    }
    case 12: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!, c8 = b[at + 8]!, c9 = b[at + 9]!, c10 = b[at + 10]!, c11 = b[at + 11]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | c10 | c11) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11) : undefined
    }
    case 13: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!, c8 = b[at + 8]!, c9 = b[at + 9]!, c10 = b[at + 10]!, c11 = b[at + 11]!,
        c12 = b[at + 12]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | c10 | c11 | c12) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12) : undefined
    }
    case 14: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!, c8 = b[at + 8]!, c9 = b[at + 9]!, c10 = b[at + 10]!, c11 = b[at + 11]!,
        c12 = b[at + 12]!, c13 = b[at + 13]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | c10 | c11 | c12 | c13) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13) : undefined
    }
    case 15: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!, c8 = b[at + 8]!, c9 = b[at + 9]!, c10 = b[at + 10]!, c11 = b[at + 11]!,
        c12 = b[at + 12]!, c13 = b[at + 13]!, c14 = b[at + 14]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | c10 | c11 | c12 | c13 | c14) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14) : undefined
    }
    case 16: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!, c8 = b[at + 8]!, c9 = b[at + 9]!, c10 = b[at + 10]!, c11 = b[at + 11]!,
        c12 = b[at + 12]!, c13 = b[at + 13]!, c14 = b[at + 14]!, c15 = b[at + 15]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | c10 | c11 | c12 | c13 | c14 | c15) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15) : undefined
    }
    case 17: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!, c8 = b[at + 8]!, c9 = b[at + 9]!, c10 = b[at + 10]!, c11 = b[at + 11]!,
        c12 = b[at + 12]!, c13 = b[at + 13]!, c14 = b[at + 14]!, c15 = b[at + 15]!, c16 = b[at + 16]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | c10 | c11 | c12 | c13 | c14 | c15 | c16) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16) : undefined
    }
    case 18: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!, c8 = b[at + 8]!, c9 = b[at + 9]!, c10 = b[at + 10]!, c11 = b[at + 11]!,
        c12 = b[at + 12]!, c13 = b[at + 13]!, c14 = b[at + 14]!, c15 = b[at + 15]!, c16 = b[at + 16]!, c17 = b[at + 17]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | c10 | c11 | c12 | c13 | c14 | c15 | c16 | c17) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17) : undefined
    }
    case 19: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!, c8 = b[at + 8]!, c9 = b[at + 9]!, c10 = b[at + 10]!, c11 = b[at + 11]!,
        c12 = b[at + 12]!, c13 = b[at + 13]!, c14 = b[at + 14]!, c15 = b[at + 15]!, c16 = b[at + 16]!, c17 = b[at + 17]!, c18 = b[at + 18]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | c10 | c11 | c12 | c13 | c14 | c15 | c16 | c17 | c18) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18) : undefined
    }
    case 20: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!, c8 = b[at + 8]!, c9 = b[at + 9]!, c10 = b[at + 10]!, c11 = b[at + 11]!,
        c12 = b[at + 12]!, c13 = b[at + 13]!, c14 = b[at + 14]!, c15 = b[at + 15]!, c16 = b[at + 16]!, c17 = b[at + 17]!, c18 = b[at + 18]!, c19 = b[at + 19]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | c10 | c11 | c12 | c13 | c14 | c15 | c16 | c17 | c18 | c19) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19) : undefined
    }
    case 21: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!, c8 = b[at + 8]!, c9 = b[at + 9]!, c10 = b[at + 10]!, c11 = b[at + 11]!,
        c12 = b[at + 12]!, c13 = b[at + 13]!, c14 = b[at + 14]!, c15 = b[at + 15]!, c16 = b[at + 16]!, c17 = b[at + 17]!, c18 = b[at + 18]!, c19 = b[at + 19]!, c20 = b[at + 20]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | c10 | c11 | c12 | c13 | c14 | c15 | c16 | c17 | c18 | c19 | c20) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20) : undefined
    }
    case 22: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!, c8 = b[at + 8]!, c9 = b[at + 9]!, c10 = b[at + 10]!, c11 = b[at + 11]!,
        c12 = b[at + 12]!, c13 = b[at + 13]!, c14 = b[at + 14]!, c15 = b[at + 15]!, c16 = b[at + 16]!, c17 = b[at + 17]!, c18 = b[at + 18]!, c19 = b[at + 19]!, c20 = b[at + 20]!, c21 = b[at + 21]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | c10 | c11 | c12 | c13 | c14 | c15 | c16 | c17 | c18 | c19 | c20 | c21) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21) : undefined
    }
    case 23: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!, c8 = b[at + 8]!, c9 = b[at + 9]!, c10 = b[at + 10]!, c11 = b[at + 11]!,
        c12 = b[at + 12]!, c13 = b[at + 13]!, c14 = b[at + 14]!, c15 = b[at + 15]!, c16 = b[at + 16]!, c17 = b[at + 17]!, c18 = b[at + 18]!, c19 = b[at + 19]!, c20 = b[at + 20]!, c21 = b[at + 21]!, c22 = b[at + 22]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | c10 | c11 | c12 | c13 | c14 | c15 | c16 | c17 | c18 | c19 | c20 | c21 | c22) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22) : undefined
    }
    case 24: {
      const c0 = b[at]!, c1 = b[at + 1]!, c2 = b[at + 2]!, c3 = b[at + 3]!, c4 = b[at + 4]!, c5 = b[at + 5]!, c6 = b[at + 6]!, c7 = b[at + 7]!, c8 = b[at + 8]!, c9 = b[at + 9]!, c10 = b[at + 10]!, c11 = b[at + 11]!,
        c12 = b[at + 12]!, c13 = b[at + 13]!, c14 = b[at + 14]!, c15 = b[at + 15]!, c16 = b[at + 16]!, c17 = b[at + 17]!, c18 = b[at + 18]!, c19 = b[at + 19]!, c20 = b[at + 20]!, c21 = b[at + 21]!, c22 = b[at + 22]!, c23 = b[at + 23]!
      return (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | c10 | c11 | c12 | c13 | c14 | c15 | c16 | c17 | c18 | c19 | c20 | c21 | c22 | c23) < 128 ? text(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23) : undefined
    }
    default:
      return undefined
  }
}
