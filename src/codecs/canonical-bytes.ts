import { comparatorOf, readCells } from './compare.js'
import type { CqlType } from './types.js'

type Cell = Uint8Array | null

/**
 * The bytes that a server makes of a value before it stores or hashes it: sets and maps in the order of their elements,
 * each of them once. Only partition keys need it, since their tokens depend on it.
 *
 * @param bytes as the value's codec writes them
 * @see Cassandra's `MultiElementType.filterSortAndValidateElements`
 */
export function canonicalBytes(type: CqlType, bytes: Uint8Array): Uint8Array {
  if (!holdsOrdered(type) || bytes.length === 0) return bytes
  switch (type.kind) {
    case 'set':
      return joinCells(distinct(canonicalCells(readCells(bytes, true), () => type.element).map((cell) => [cell]), type.element).flat(), 1)
    case 'map': {
      const cells = canonicalCells(readCells(bytes, true), (i) => (i % 2 === 0 ? type.key : type.value))
      const entries = Array.from({ length: cells.length / 2 }, (_, i) => [cells[2 * i]!, cells[2 * i + 1]!])
      return joinCells(distinct(entries, type.key).flat(), 2)
    }
    case 'list':
      return joinCells(canonicalCells(readCells(bytes, true), () => type.element), 1)
    case 'tuple':
      return joinCells(canonicalCells(readCells(bytes, false), (i) => type.elements[i]), 0)
    case 'udt':
      return joinCells(canonicalCells(readCells(bytes, false), (i) => type.fields[i]?.type), 0)
    default:
      return bytes
  }
}

/** Whether there is a set or map anywhere in a type, whose elements {@link canonicalBytes} puts in order. */
export function holdsOrdered(type: CqlType): boolean {
  switch (type.kind) {
    case 'set':
    case 'map':
      return true
    case 'list':
      return holdsOrdered(type.element)
    case 'tuple':
      return type.elements.some(holdsOrdered)
    case 'udt':
      return type.fields.some((field) => holdsOrdered(field.type))
    default:
      return false
  }
}

function canonicalCells(cells: readonly Cell[], typeOf: (i: number) => CqlType | undefined): Cell[] {
  return cells.map((cell, i) => {
    const type = typeOf(i)
    return cell && type ? canonicalBytes(type, cell) : cell
  })
}

/** Entries in the order of their first cells; of equal ones the first stays. */
function distinct(entries: readonly Cell[][], type: CqlType): Cell[][] {
  const compare = comparatorOf(type)
  const sorted = [...entries].sort(([a], [b]) => compare(a!, b!))
  return sorted.filter(([cell], i) => i === 0 || compare(sorted[i - 1]![0]!, cell!) !== 0)
}

/** @param cellsEach cells that count as one element; 0 for values without a count */
function joinCells(cells: readonly Cell[], cellsEach: number): Uint8Array {
  const head = cellsEach === 0 ? 0 : 4
  const bytes = new Uint8Array(cells.reduce((sum, cell) => sum + 4 + (cell?.length ?? 0), head))
  const view = new DataView(bytes.buffer)
  if (cellsEach > 0) view.setInt32(0, cells.length / cellsEach)
  let at = head
  for (const cell of cells) {
    view.setInt32(at, cell?.length ?? -1)
    if (cell) bytes.set(cell, at + 4)
    at += 4 + (cell?.length ?? 0)
  }
  return bytes
}
