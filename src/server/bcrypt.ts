// bcrypt, as Cassandra keeps passwords: Provos and Mazières, "A Future-Adaptable Password Scheme" (USENIX 1999); the cipher is Schneier's Blowfish.
const encoder = new TextEncoder()

const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
/** "OrpheanBeholderScryDoubt", as words. */
const TEXT = [0x4f727068, 0x65616e42, 0x65686f6c, 0x64657253, 0x63727944, 0x6f756274]
const [SUBKEYS, BOXES] = [18, 1024]
/** Twice as many rounds with each: this many hold up everybody else for a tenth of a second. */
const COST = 10
/** One that would hold up everybody else for longer than a few seconds is not taken. */
const MOST_COST = 14
const SALT = 16
const HASH = 23

/** The state of the cipher: eighteen subkeys, and four boxes of 256 words after them. */
let initial: Int32Array | undefined

/** The first binary places of pi behind the point, which Blowfish begins with: 16 arctan(1/5) - 4 arctan(1/239), by Machin. */
function fractionOfPi(words: number): Int32Array {
  const guard = 64n
  const bits = BigInt(words * 32) + guard
  const one = 1n << bits
  const arctan = (inverse: bigint): bigint => {
    let power = one / inverse
    let sum = power
    for (let n = 3n, sign = -1n; power > 0n; n += 2n, sign = -sign) {
      power /= inverse * inverse
      sum += (sign * power) / n
    }
    return sum
  }
  const hex = ((4n * (4n * arctan(5n) - arctan(239n)) - 3n * one) >> guard).toString(16).padStart(words * 8, '0')
  return Int32Array.from({ length: words }, (_, i) => Number.parseInt(hex.slice(i * 8, i * 8 + 8), 16) | 0)
}

/** Encrypts two words in place. */
function encipher(state: Int32Array, words: Int32Array, at: number): void {
  let left = words[at]! ^ state[0]!
  let right = words[at + 1]!
  for (let i = 1; i <= 16; i += 2) {
    right ^= ((((state[SUBKEYS + (left >>> 24)]! + state[SUBKEYS + 256 + ((left >>> 16) & 255)]!) ^ state[SUBKEYS + 512 + ((left >>> 8) & 255)]!) + state[SUBKEYS + 768 + (left & 255)]!) | 0) ^ state[i]!
    left ^= ((((state[SUBKEYS + (right >>> 24)]! + state[SUBKEYS + 256 + ((right >>> 16) & 255)]!) ^ state[SUBKEYS + 512 + ((right >>> 8) & 255)]!) + state[SUBKEYS + 768 + (right & 255)]!) | 0) ^ state[i + 1]!
  }
  words[at] = right ^ state[17]!
  words[at + 1] = left
}

/** Mixes a key, and a salt of four words or none, into the state. */
function expand(state: Int32Array, key: Int32Array, salt: Int32Array | undefined): void {
  for (let i = 0; i < SUBKEYS; i++) state[i]! ^= key[i]!
  const block = new Int32Array(2)
  for (let i = 0; i < SUBKEYS + BOXES; i += 2) {
    if (salt) {
      block[0]! ^= salt[i & 2]!
      block[1]! ^= salt[(i & 2) + 1]!
    }
    encipher(state, block, 0)
    state[i] = block[0]!
    state[i + 1] = block[1]!
  }
}

/** Bytes as words, from the first on again after the last. */
function cyclicWords(bytes: Uint8Array, words: number): Int32Array {
  const byte = (i: number): number => bytes[i % bytes.length]!
  return Int32Array.from({ length: words }, (_, i) => (byte(4 * i) << 24) | (byte(4 * i + 1) << 16) | (byte(4 * i + 2) << 8) | byte(4 * i + 3))
}

function digest(password: string, salt: Uint8Array, cost: number): Uint8Array {
  initial ??= fractionOfPi(SUBKEYS + BOXES)
  const state = initial.slice()
  const key = cyclicWords(encoder.encode(`${password}\0`), SUBKEYS)
  const saltKey = cyclicWords(salt, SUBKEYS)
  expand(state, key, saltKey)
  for (let round = 2 ** cost; round > 0; round--) {
    expand(state, key, undefined)
    expand(state, saltKey, undefined)
  }
  const words = Int32Array.from(TEXT)
  for (let i = 0; i < words.length; i += 2) for (let round = 0; round < 64; round++) encipher(state, words, i)
  const bytes = new Uint8Array(words.length * 4)
  words.forEach((word, i) => new DataView(bytes.buffer).setInt32(i * 4, word))
  return bytes.subarray(0, HASH)
}

function toText(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const bits = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const characters = Math.min(4, bytes.length - i + 1)
    for (let place = 0; place < characters; place++) text += ALPHABET[(bits >> (18 - 6 * place)) & 63]
  }
  return text
}

function fromText(text: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) {
    const bit = i * 8
    const at = Math.floor(bit / 6)
    const bits = (ALPHABET.indexOf(text[at]!) << 6) | ALPHABET.indexOf(text[at + 1]!)
    bytes[i] = bits >> (4 - (bit % 6))
  }
  return bytes
}

function hashWith(password: string, prefix: string, salt: string, cost: number): string {
  return `${prefix}${salt}${toText(digest(password, fromText(salt, SALT), cost))}`
}

/** A password as it is kept. @returns `$2a$10$`, a salt of 22 characters and a hash of 31 */
export function hashPassword(password: string): string {
  const salt = toText(crypto.getRandomValues(new Uint8Array(SALT)))
  return hashWith(password, `$2a$${COST}$`, salt, COST)
}

/** Whether a text is what `hashPassword` gives, or another program's with a cost that can be borne. */
export function isPasswordHash(hash: string): boolean {
  const [, cost] = /^\$2a?\$(\d\d)\$[./A-Za-z0-9]{22,}$/.exec(hash) ?? []
  return cost !== undefined && Number(cost) >= 4 && Number(cost) <= MOST_COST
}

/** Whether it is the password that was hashed. */
export function checkPassword(password: string, hash: string): boolean {
  const [, prefix, cost, salt] = /^(\$2a?\$(\d\d)\$)([./A-Za-z0-9]{22})/.exec(hash) ?? []
  return prefix !== undefined && hashWith(password, prefix, salt!, Number(cost)) === hash
}
