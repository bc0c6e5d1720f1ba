import { SeededRandom } from '../base/index.js'

/** Options of a {@link Mutator}. */
export interface MutatorOptions {
  /** Makes the same changes again. @default 1 */
  readonly seed?: number
  /** Bytes that a changed input has at most. @default 4096 */
  readonly maxLength?: number
  /** Texts and bytes worth trying anywhere. @default names and class names of the protocol that have made codecs fail */
  readonly dictionary?: readonly (Uint8Array | string)[]
}

/** Numbers at which lengths, counts and flags go wrong. */
const EDGES = [0, 1, -1, -2, -3, 2, 3, 4, 7, 8, 16, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x1_0000, 131_071, 131_072, 0x0fff_ffff, 0x1000_0000, 0x7fff_fffe, 0x7fff_ffff, -0x8000_0000]

/** `__proto__` as a column, classes with parameters, type ids of collections, and the ends of UTF-8. */
const DICTIONARY: readonly (Uint8Array | string)[] = [
  '__proto__', 'constructor', 'CAS', 'KEYSPACE', 'TABLE', 'FUNCTION', 'SCHEMA_CHANGE', 'STATUS_CHANGE', 'TOPOLOGY_CHANGE', 'SELECT * FROM t', "org.apache.cassandra.db.marshal.VectorType(org.apache.cassandra.db.marshal.FloatType , 3)",
  'org.apache.cassandra.db.marshal.ListType(', 'org.apache.cassandra.db.marshal.UserType(k,61,62:', 'org.apache.cassandra.db.marshal.DurationType', 'TupleType(',
  Uint8Array.of(0, 0), Uint8Array.of(0, 0x20), Uint8Array.of(0, 0x21), Uint8Array.of(0, 0x22), Uint8Array.of(0, 0x30), Uint8Array.of(0, 0x31), Uint8Array.of(0xff, 0xff, 0xff, 0xff), Uint8Array.of(0xff, 0xff, 0xff, 0xfe),
  Uint8Array.of(0xc0, 0x80), Uint8Array.of(0xed, 0xa0, 0x80), Uint8Array.of(0xf4, 0x90, 0x80, 0x80), Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0),
]

/** Changes bytes in ways that find faults in what reads them: edges of numbers, cut, doubled and repeated parts, names of the protocol. */
export class Mutator {
  readonly random: SeededRandom
  readonly #buffer: Uint8Array
  readonly #view: DataView
  readonly #dictionary: readonly Uint8Array[]
  #length = 0

  constructor(options: MutatorOptions = {}) {
    this.random = new SeededRandom(options.seed ?? 1)
    this.#buffer = new Uint8Array(options.maxLength ?? 4096)
    this.#view = new DataView(this.#buffer.buffer)
    const encoder = new TextEncoder()
    this.#dictionary = (options.dictionary ?? DICTIONARY).map((entry) => (typeof entry === 'string' ? encoder.encode(entry) : entry))
  }

  /**
   * A changed form of some bytes.
   *
   * @param input is left as it is
   * @param other bytes of the same kind, parts of which may replace or join those of `input`
   * @param keep bytes at the beginning that stay
   * @returns a view that the next call overwrites
   */
  mutate(input: Uint8Array, other: Uint8Array = input, keep = 0): Uint8Array {
    this.#length = Math.min(input.length, this.#buffer.length)
    this.#buffer.set(input.subarray(0, this.#length))
    const times = 1 + (this.#below(4) === 0 ? this.#below(6) : this.#below(2))
    for (let i = 0; i < times; i++) this.#change(other, keep)
    return this.#buffer.subarray(0, this.#length)
  }

  #below(limit: number): number {
    return this.random.uint32() % limit
  }

  #change(other: Uint8Array, keep: number): void {
    if (this.#length <= keep) return this.#insert(this.#noise(8), keep)
    const at = keep + this.#below(this.#length - keep)
    const left = this.#length - at
    switch (this.#below(13)) {
      case 0:
        this.#buffer[at]! ^= 1 << this.#below(8)
        break
      case 1:
        this.#buffer[at] = this.random.uint32()
        break
      case 2:
        this.#buffer[at]! += this.#below(2) === 0 ? 1 : -1
        break
      case 3:
        this.#buffer[at] = EDGES[this.#below(EDGES.length)]!
        break
      case 4:
        if (left >= 2) this.#view.setInt16(at, EDGES[this.#below(EDGES.length)]!)
        break
      case 5:
        if (left >= 4) this.#view.setInt32(at, EDGES[this.#below(EDGES.length)]!)
        break
      case 6:
        this.#remove(at, 1 + this.#below(Math.min(left, 16)))
        break
      case 7:
        this.#insert(this.#dictionary[this.#below(this.#dictionary.length)]!, at)
        break
      case 8:
        this.#overwrite(this.#dictionary[this.#below(this.#dictionary.length)]!, at)
        break
      case 9:
        this.#insert(this.#part(other), at)
        break
      case 10:
        this.#overwrite(this.#part(other), at)
        break
      case 11:
        if (this.#below(4) === 0) this.#length = at
        else this.#insert(this.#noise(16), at)
        break
      default:
        this.#repeat(at, 1 + this.#below(Math.min(left, 32)))
    }
  }

  #noise(most: number): Uint8Array {
    return this.random.fill(new Uint8Array(1 + this.#below(most)))
  }

  #part(of: Uint8Array): Uint8Array {
    const start = this.#below(of.length + 1)
    return of.subarray(start, start + 1 + this.#below(64))
  }

  #remove(at: number, length: number): void {
    this.#buffer.copyWithin(at, at + length, this.#length)
    this.#length -= length
  }

  #insert(bytes: Uint8Array, at: number): void {
    const length = Math.min(bytes.length, this.#buffer.length - this.#length)
    this.#buffer.copyWithin(at + length, at, this.#length)
    this.#buffer.set(bytes.subarray(0, length), at)
    this.#length += length
  }

  #overwrite(bytes: Uint8Array, at: number): void {
    const length = Math.min(bytes.length, this.#length - at)
    this.#buffer.set(bytes.subarray(0, length), at)
  }

  /** Doubles a part, or repeats it hundreds of times: nesting, and counts that are true. */
  #repeat(at: number, length: number): void {
    const part = this.#buffer.slice(at, at + length)
    const times = this.#below(8) === 0 ? this.#below(Math.ceil(this.#buffer.length / length)) : 1
    for (let i = 0; i < times && this.#length + length <= this.#buffer.length; i++) this.#insert(part, at)
  }
}
