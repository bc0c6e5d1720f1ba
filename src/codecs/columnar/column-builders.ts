// What fills columns: one builder per column or part of one. A page is read column after column, so that each loop deals with one type only.
import { allocate, checkCount, copyBytes, ProtocolError, utf8Decode } from '../../base/index.js'
import type { ByteReader } from '../../base/index.js'
import { expectLength } from '../codec.js'
import type { Codec } from '../codec.js'
import { setOwn } from '../collection-codecs.js'
import type { CqlType } from '../types.js'
import { fixedForms, floatsForm } from './fixed-forms.js'
import type { FixedForm } from './fixed-forms.js'
import { ColumnVector } from './column-vector.js'
import type { ColumnData, FixedArray } from './column-vector.js'

/** How columns are laid out. */
export interface ColumnarOptions {
  /** `text` and `ascii`: bytes one after the other, or each different text once, for columns that repeat few of them. @default 'bytes' */
  readonly text?: 'bytes' | 'dictionary' | undefined
}

/** Where cells stand: of `count` cells, cell i begins, with its length, at `positions[first + i * step]`; a negative position is null. */
export interface Cells {
  readonly positions: Int32Array
  readonly first: number
  readonly step: number
  readonly count: number
}

/** Collects the values of one column. */
export abstract class ColumnBuilder {
  readonly name: string
  readonly codec: Codec
  protected length = 0
  #nulls = 0
  #validity: Uint8Array | undefined

  constructor(name: string, codec: Codec) {
    this.name = name
    this.codec = codec
  }

  /** Reads values behind those that are there; of nulls, whose positions are negative by now, it keeps the place. */
  protected abstract fill(source: ByteReader, cells: Cells): void
  protected abstract data(): ColumnData
  /** Gives a value that is not null. */
  protected abstract reader(data: ColumnData): (index: number) => unknown

  get type(): CqlType {
    return this.codec.type
  }

  /** Reads cells, each of which is known to lie within the source. */
  append(source: ByteReader, cells: Cells): void {
    const { positions, first, step, count } = cells
    const { view } = source
    const least = this.codec.allowsEmpty ? 0 : 1
    for (let i = 0, at = first; i < count; i++, at += step) {
      const position = positions[at]!
      if (position >= 0 && view.getInt32(position) >= least) continue
      positions[at] = -1
      this.#markNull(this.length + i)
    }
    this.fill(source, cells)
    this.length += count
  }

  #markNull(index: number): void {
    const at = index >> 3
    const bits = this.#validity
    if (bits === undefined || at >= bits.length) {
      // Bits that have not come yet are set.
      const larger = new Uint8Array(Math.max(64, (at + 1) * 2)).fill(255)
      if (bits) larger.set(bits)
      this.#validity = larger
    }
    this.#validity![at]! &= ~(1 << (index & 7))
    this.#nulls++
  }

  finish(): ColumnVector {
    const data = this.data()
    const bytes = (this.length + 7) >> 3
    let bits = this.#validity
    if (bits && bits.length < bytes) {
      const larger = new Uint8Array(bytes).fill(255)
      larger.set(bits)
      bits = larger
    }
    return new ColumnVector(this.name, this.type, this.length, this.#nulls, bits?.subarray(0, bytes), data, this.reader(data))
  }
}

/** The same array while it has room, else a copy with more: just as much as the first page needs, since most results have one. */
function withRoom<T extends FixedArray>(values: T, needed: number): T {
  if (needed <= values.length) return values
  const larger = new (values.constructor as new (length: number) => T)(Math.max(needed, values.length * 2))
  if (values.length === 0) return larger
  larger.set(values as never)
  return larger
}

class FixedBuilder extends ColumnBuilder {
  readonly #form: FixedForm
  #values: FixedArray

  constructor(name: string, codec: Codec, form: FixedForm) {
    super(name, codec)
    this.#form = form
    this.#values = form.make(0)
  }

  protected override fill(source: ByteReader, cells: Cells): void {
    const { stride, size, fill } = this.#form
    const { positions, first, step, count } = cells
    for (let i = 0, at = first; i < count; i++, at += step) {
      const position = positions[at]!
      if (position >= 0 && source.view.getInt32(position) !== size) expectLength(this.type, 0, source.view.getInt32(position), size)
    }
    this.#values = withRoom(this.#values, (this.length + count) * stride)
    fill(this.#values, this.length * stride, source, cells)
  }

  protected override data(): ColumnData {
    const { stride } = this.#form
    return { layout: 'fixed', values: this.#values.subarray(0, this.length * stride) as FixedArray, stride }
  }

  protected override reader(data: ColumnData): (index: number) => unknown {
    const { values } = data as Extract<ColumnData, { layout: 'fixed' }>
    const { stride, read } = this.#form
    return (index) => read(values, index * stride)
  }
}

class BytesBuilder extends ColumnBuilder {
  #bytes = allocate(0)
  #offsets = new Int32Array(0)
  #end = 0

  protected override fill({ bytes, view }: ByteReader, { positions, first, step, count }: Cells): void {
    const offsets = (this.#offsets = withRoom(this.#offsets, this.length + count + 1))
    let end = this.#end
    let needed = end
    for (let i = 0, at = first; i < count; i++, at += step) if (positions[at]! >= 0) needed += view.getInt32(positions[at]!)
    if (needed > 0x7fff_ffff) throw new ProtocolError('A column of more than 2 GiB: read fewer rows at a time')
    const target = (this.#bytes = withRoom(this.#bytes, needed))
    for (let i = 0, at = first; i < count; i++, at += step) {
      const position = positions[at]!
      if (position >= 0) {
        const length = view.getInt32(position)
        const start = position + 4
        if (length > 48) target.set(bytes.subarray(start, start + length), end)
        else for (let k = 0; k < length; k++) target[end + k] = bytes[start + k]!
        end += length
      }
      offsets[this.length + i + 1] = end
    }
    this.#end = end
  }

  protected override data(): ColumnData {
    return { layout: 'bytes', bytes: this.#bytes.subarray(0, this.#end), offsets: withRoom(this.#offsets, 1).subarray(0, this.length + 1) }
  }

  protected override reader(data: ColumnData): (index: number) => unknown {
    const { bytes, offsets } = data as Extract<ColumnData, { layout: 'bytes' }>
    const isText = this.type.kind === 'text' || this.type.kind === 'ascii'
    return (index) => (isText ? utf8Decode : copyBytes)(bytes, offsets[index]!, offsets[index + 1]!)
  }
}

/** Slots of the table in which a {@link DictionaryBuilder} finds texts again by their bytes. */
const SLOTS = 1024

/** Texts by their bytes: each different one is decoded once. */
class DictionaryBuilder extends ColumnBuilder {
  #indices = new Int32Array(0)
  readonly #dictionary: string[] = []
  readonly #places = new Map<string, number>()
  /** Bytes of each text, and the place of the text that was found last with a hash. */
  readonly #known: Uint8Array[] = []
  readonly #slots = new Int32Array(SLOTS).fill(-1)

  protected override fill({ bytes, view }: ByteReader, { positions, first, step, count }: Cells): void {
    const indices = (this.#indices = withRoom(this.#indices, this.length + count))
    for (let i = 0, at = first; i < count; i++, at += step) {
      const position = positions[at]!
      if (position >= 0) indices[this.length + i] = this.#find(bytes, position + 4, position + 4 + view.getInt32(position))
    }
  }

  #find(bytes: Uint8Array, start: number, end: number): number {
    let hash = end - start
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0
    const slot = (hash ^ (hash >>> 10)) & (SLOTS - 1)
    const last = this.#slots[slot]!
    if (last >= 0 && sameBytes(this.#known[last]!, bytes, start, end)) return last
    const text = utf8Decode(bytes, start, end)
    let place = this.#places.get(text)
    if (place === undefined) {
      place = this.#dictionary.push(text) - 1
      this.#places.set(text, place)
      this.#known.push(copyBytes(bytes, start, end))
    }
    return (this.#slots[slot] = place)
  }

  protected override data(): ColumnData {
    return { layout: 'dictionary', indices: this.#indices.subarray(0, this.length), dictionary: this.#dictionary }
  }

  protected override reader(data: ColumnData): (index: number) => unknown {
    const { indices, dictionary } = data as Extract<ColumnData, { layout: 'dictionary' }>
    return (index) => dictionary[indices[index]!]
  }
}

function sameBytes(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false
  return true
}

/** Lists and sets with one child, maps with two, whose cells follow each other in turn. */
class ListBuilder extends ColumnBuilder {
  readonly #children: readonly ColumnBuilder[]
  #offsets = new Int32Array(0)

  constructor(name: string, codec: Codec, children: readonly ColumnBuilder[]) {
    super(name, codec)
    this.#children = children
  }

  protected override fill(source: ByteReader, { positions, first, step, count }: Cells): void {
    const width = this.#children.length
    const offsets = (this.#offsets = withRoom(this.#offsets, this.length + count + 1))
    const before = this.length === 0 ? 0 : offsets[this.length]!
    let cells = 0
    for (let i = 0, at = first; i < count; i++, at += step) if (positions[at]! >= 0) cells += width * itemsOf(source.view, positions[at]!, width)
    const inner = new Int32Array(cells)
    let found = 0
    for (let i = 0, at = first; i < count; i++, at += step) {
      const position = positions[at]!
      if (position >= 0) {
        const start = position + 4
        const end = start + source.view.getInt32(position)
        const items = source.view.getInt32(start)
        cellsWithin(source, start + 4, end, inner, found, items * width)
        found += items * width
      }
      offsets[this.length + i + 1] = before + found / width
    }
    this.#children.forEach((child, k) => child.append(source, { positions: inner, first: k, step: width, count: found / width }))
  }

  protected override data(): ColumnData {
    return { layout: 'list', offsets: withRoom(this.#offsets, 1).subarray(0, this.length + 1), children: this.#children.map((child) => child.finish()) }
  }

  protected override reader(data: ColumnData): (index: number) => unknown {
    const { offsets, children: [first, second] } = data as Extract<ColumnData, { layout: 'list' }>
    const items = (index: number): unknown[] => Array.from({ length: offsets[index + 1]! - offsets[index]! }, (_, i) => first!.get(offsets[index]! + i))
    if (second) return (index) => new Map(items(index).map((key, i) => [key, second.get(offsets[index]! + i)]))
    return this.codec.collects === 'set' ? (index) => new Set(items(index)) : items
  }
}

/** How many items the collection has whose cell begins at `position`, each of `width` cells. */
function itemsOf(view: DataView, position: number, width: number): number {
  const length = view.getInt32(position)
  const items = length < 4 ? -1 : view.getInt32(position + 4)
  checkCount(items, 4 * width, length - 4)
  return items
}

/** Tuples, read back as arrays, and user-defined types, read back as objects. */
class StructBuilder extends ColumnBuilder {
  readonly #children: readonly ColumnBuilder[]

  constructor(name: string, codec: Codec, children: readonly ColumnBuilder[]) {
    super(name, codec)
    this.#children = children
  }

  protected override fill(source: ByteReader, { positions, first, step, count }: Cells): void {
    const width = this.#children.length
    // Parts that are missing at the end, and those of nulls, are null.
    const inner = new Int32Array(count * width).fill(-1)
    for (let i = 0, at = first; i < count; i++, at += step) {
      const position = positions[at]!
      if (position >= 0) cellsWithin(source, position + 4, position + 4 + source.view.getInt32(position), inner, i * width, width, true)
    }
    this.#children.forEach((child, k) => child.append(source, { positions: inner, first: k, step: width, count }))
  }

  protected override data(): ColumnData {
    return { layout: 'struct', children: this.#children.map((child) => child.finish()) }
  }

  protected override reader(data: ColumnData): (index: number) => unknown {
    const { children } = data as Extract<ColumnData, { layout: 'struct' }>
    if (this.type.kind === 'tuple') return (index) => children.map((child) => child.get(index))
    return (index) => {
      const object: Record<string, unknown> = {}
      for (const child of children) setOwn(object, child.name, child.get(index))
      return object
    }
  }
}

/**
 * Finds where cells begin that follow each other, checking that each ends in time.
 *
 * @param count cells there must be
 * @param mayEnd whether there may be fewer, as in tuples: those missing keep the positions they had
 * @returns where the last one ends
 */
export function cellsWithin(source: ByteReader, start: number, end: number, positions: Int32Array, from: number, count: number, mayEnd = false): number {
  const { view } = source
  let at = start
  for (let i = 0; i < count; i++) {
    if (mayEnd && at === end) return at
    if (end - at < 4) throw truncated(4, end - at)
    const length = view.getInt32(at)
    positions[from + i] = at
    at += 4
    if (length <= 0) continue
    if (length > end - at) throw truncated(length, end - at)
    at += length
  }
  return at
}

function truncated(wanted: number, left: number): ProtocolError {
  return new ProtocolError(`Truncated message: ${wanted} bytes wanted, ${left} left`)
}

class ValuesBuilder extends ColumnBuilder {
  readonly #values: unknown[] = []

  protected override fill(source: ByteReader, { positions, first, step, count }: Cells): void {
    for (let i = 0, at = first; i < count; i++, at += step) {
      const position = positions[at]!
      this.#values.push(position < 0 ? null : this.codec.decode(source, position + 4, position + 4 + source.view.getInt32(position)))
    }
  }

  protected override data(): ColumnData {
    return { layout: 'values', values: this.#values }
  }

  protected override reader(): (index: number) => unknown {
    return (index) => this.#values[index]
  }
}

/** The builder of a type: what has no form of its own is kept as values. */
export function columnBuilder(name: string, codec: Codec, options: ColumnarOptions): ColumnBuilder {
  const { type, parts } = codec
  if (codec.mapped) return new ValuesBuilder(name, codec)
  const child = (part: number, called: string): ColumnBuilder => columnBuilder(called, parts![part]!, options)
  switch (type.kind) {
    case 'bigint': case 'counter':
      return codec.inline ? new FixedBuilder(name, codec, fixedForms.bigint) : new ValuesBuilder(name, codec)
    case 'timestamp':
      return new FixedBuilder(name, codec, codec.readsDate ? fixedForms.timestamp : fixedForms.bigint)
    case 'timeuuid':
      return new FixedBuilder(name, codec, fixedForms.uuid)
    case 'tinyint': case 'smallint': case 'int': case 'float': case 'double': case 'boolean': case 'date': case 'time': case 'uuid':
      return new FixedBuilder(name, codec, fixedForms[type.kind])
    case 'text': case 'ascii':
      return options.text === 'dictionary' ? new DictionaryBuilder(name, codec) : new BytesBuilder(name, codec)
    case 'blob': case 'custom':
      return new BytesBuilder(name, codec)
    case 'list': case 'set':
      return new ListBuilder(name, codec, [child(0, 'element')])
    case 'map':
      return codec.collects === 'map' ? new ListBuilder(name, codec, [child(0, 'key'), child(1, 'value')]) : new ValuesBuilder(name, codec)
    case 'tuple':
      return new StructBuilder(name, codec, parts!.map((_, i) => child(i, String(i))))
    case 'udt':
      return new StructBuilder(name, codec, type.fields.map((field, i) => child(i, field.name)))
    case 'vector':
      return type.element.kind === 'float' ? new FixedBuilder(name, codec, floatsForm(type.dimension)) : new ValuesBuilder(name, codec)
    default:
      return new ValuesBuilder(name, codec)
  }
}
