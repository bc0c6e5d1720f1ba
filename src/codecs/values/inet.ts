import { CodecError } from '../../base/index.js'

/** Text of an address of 4 or 16 bytes; IPv6 is shortened as RFC 5952 says. */
export function inetToString(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) throw new CodecError(`An inet has 4 or 16 bytes, not ${bytes.length}`)
  const words: number[] = []
  for (let i = 0; i < 16; i += 2) words.push((bytes[i]! << 8) | bytes[i + 1]!)
  if (words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff) return `::ffff:${bytes.subarray(12).join('.')}`
  let start = -1
  let length = 1
  for (let i = 0; i < 8; i++) {
    let run = 0
    while (i + run < 8 && words[i + run] === 0) run++
    if (run > length) [start, length] = [i, run]
    i += run
  }
  const hex = words.map((word) => word.toString(16))
  if (start < 0) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}

/** Bytes of an IPv4 or IPv6 address's text. @throws CodecError when it is neither */
export function inetFromString(text: string): Uint8Array {
  const bytes = text.includes(':') ? parseV6(text) : parseV4(text)
  if (!bytes) throw new CodecError(`Not an IP address: '${text}'`)
  return bytes
}

function parseV4(text: string): Uint8Array | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return undefined
  return Uint8Array.from(parts, Number)
}

function parseV6(text: string): Uint8Array | undefined {
  let source = text.replace(/%.*$/, '')
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(source)
  if (tail) {
    const v4 = parseV4(tail[2]!)
    if (!v4) return undefined
    source = `${tail[1]}${((v4[0]! << 8) | v4[1]!).toString(16)}:${((v4[2]! << 8) | v4[3]!).toString(16)}`
  }
  const halves = source.split('::')
  if (halves.length > 2) return undefined
  const words = (half: string | undefined): string[] => (half === undefined || half === '' ? [] : half.split(':'))
  const left = words(halves[0])
  const right = words(halves[1])
  const missing = 8 - left.length - right.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const all = [...left, ...Array.from({ length: missing }, () => '0'), ...right]
  if (all.some((word) => !/^[0-9a-fA-F]{1,4}$/.test(word))) return undefined
  const bytes = new Uint8Array(16)
  all.forEach((word, i) => {
    const value = Number.parseInt(word, 16)
    bytes[2 * i] = value >> 8
    bytes[2 * i + 1] = value & 0xff
  })
  return bytes
}
