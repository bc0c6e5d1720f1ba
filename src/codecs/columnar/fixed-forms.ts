// Types of a fixed size in typed arrays. Each has a loop of its own, which the engine compiles for that type alone.
import type { ByteReader } from '../../base/index.js'
import { readMillis } from '../time-codecs.js'
import { LocalDate } from '../values/local-date.js'
import { LocalTime } from '../values/local-time.js'
import { uuidToString } from '../values/uuid.js'
import type { Cells } from './column-builders.js'
import type { FixedArray } from './column-vector.js'

/** How one type of fixed size is stored, and read back. */
export interface FixedForm {
  /** Bytes of a value on the wire. */
  readonly size: number
  /** Elements per value. */
  readonly stride: number
  readonly make: (length: number) => FixedArray
  /** Stores the cells that are not null, from `to` on. */
  readonly fill: (values: FixedArray, to: number, source: ByteReader, cells: Cells) => void
  /** The value whose elements begin at `at`, as its codec reads it. */
  readonly read: (values: FixedArray, at: number) => unknown
}

const own = (values: FixedArray, at: number): unknown => values[at]

/** The forms of scalar types, by name. */
export const fixedForms: Readonly<Record<'tinyint' | 'smallint' | 'int' | 'bigint' | 'float' | 'double' | 'boolean' | 'timestamp' | 'date' | 'time' | 'uuid', FixedForm>> = {
  tinyint: {
    size: 1, stride: 1, make: (n) => new Int8Array(n), read: own,
    fill(values, to, { view }, { positions, first, step, count }) {
      const target = values as Int8Array
      for (let i = 0, at = first; i < count; i++, at += step) if (positions[at]! >= 0) target[to + i] = view.getInt8(positions[at]! + 4)
    },
  },
  smallint: {
    size: 2, stride: 1, make: (n) => new Int16Array(n), read: own,
    fill(values, to, { view }, { positions, first, step, count }) {
      const target = values as Int16Array
      for (let i = 0, at = first; i < count; i++, at += step) if (positions[at]! >= 0) target[to + i] = view.getInt16(positions[at]! + 4)
    },
  },
  int: {
    size: 4, stride: 1, make: (n) => new Int32Array(n), read: own,
    fill(values, to, { view }, { positions, first, step, count }) {
      const target = values as Int32Array
      for (let i = 0, at = first; i < count; i++, at += step) if (positions[at]! >= 0) target[to + i] = view.getInt32(positions[at]! + 4)
    },
  },
  bigint: {
    size: 8, stride: 1, make: (n) => new BigInt64Array(n), read: own,
    fill: fillLongs,
  },
  float: {
    size: 4, stride: 1, make: (n) => new Float32Array(n), read: own,
    fill(values, to, { view }, { positions, first, step, count }) {
      const target = values as Float32Array
      for (let i = 0, at = first; i < count; i++, at += step) if (positions[at]! >= 0) target[to + i] = view.getFloat32(positions[at]! + 4)
    },
  },
  double: {
    size: 8, stride: 1, make: (n) => new Float64Array(n), read: own,
    fill(values, to, { view }, { positions, first, step, count }) {
      const target = values as Float64Array
      for (let i = 0, at = first; i < count; i++, at += step) if (positions[at]! >= 0) target[to + i] = view.getFloat64(positions[at]! + 4)
    },
  },
  boolean: {
    size: 1, stride: 1, make: (n) => new Uint8Array(n), read: (values, at) => values[at] === 1,
    fill(values, to, { bytes }, { positions, first, step, count }) {
      const target = values as Uint8Array
      for (let i = 0, at = first; i < count; i++, at += step) if (positions[at]! >= 0) target[to + i] = bytes[positions[at]! + 4] === 0 ? 0 : 1
    },
  },
  timestamp: {
    size: 8, stride: 1, make: (n) => new Float64Array(n), read: (values, at) => new Date(values[at] as number),
    fill(values, to, { view }, { positions, first, step, count }) {
      const target = values as Float64Array
      for (let i = 0, at = first; i < count; i++, at += step) if (positions[at]! >= 0) target[to + i] = readMillis(view, positions[at]! + 4)
    },
  },
  date: {
    size: 4, stride: 1, make: (n) => new Int32Array(n), read: (values, at) => new LocalDate(values[at] as number),
    fill(values, to, { view }, { positions, first, step, count }) {
      const target = values as Int32Array
      for (let i = 0, at = first; i < count; i++, at += step) if (positions[at]! >= 0) target[to + i] = view.getUint32(positions[at]! + 4) - 0x8000_0000
    },
  },
  time: {
    size: 8, stride: 1, make: (n) => new BigInt64Array(n), read: (values, at) => new LocalTime(values[at] as bigint),
    fill: fillLongs,
  },
  uuid: {
    size: 16, stride: 16, make: (n) => new Uint8Array(n), read: (values, at) => uuidToString(values as Uint8Array, at),
    fill(values, to, { bytes }, { positions, first, step, count }) {
      const target = values as Uint8Array
      for (let i = 0, at = first; i < count; i++, at += step) {
        const from = positions[at]! + 4
        if (from >= 4) for (let k = 0; k < 16; k++) target[to + 16 * i + k] = bytes[from + k]!
      }
    },
  },
}

/** In place of `getBigInt64`, which would make a big integer for each: its two halves, as they are. */
function fillLongs(values: FixedArray, to: number, { view }: ByteReader, { positions, first, step, count }: Cells): void {
  const target = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  for (let i = 0, at = first; i < count; i++, at += step) {
    const from = positions[at]! + 4
    if (from < 4) continue
    target[2 * (to + i) + LOW] = view.getUint32(from + 4)
    target[2 * (to + i) + 1 - LOW] = view.getUint32(from)
  }
}

/** Where the lower half of a 64-bit integer stands in this machine's memory. */
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1

/** Vectors of floats, side by side. */
export function floatsForm(dimension: number): FixedForm {
  return {
    size: 4 * dimension, stride: dimension, make: (n) => new Float32Array(n), read: (values, at) => values.slice(at, at + dimension),
    fill(values, to, { view }, { positions, first, step, count }) {
      const target = values as Float32Array
      for (let i = 0, at = first; i < count; i++, at += step) {
        const from = positions[at]! + 4
        if (from >= 4) for (let k = 0; k < dimension; k++) target[to + i * dimension + k] = view.getFloat32(from + 4 * k)
      }
    },
  }
}
