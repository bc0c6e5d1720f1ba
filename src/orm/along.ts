// Reads relations along with rows: for each level one wave of concurrent reads, one for each key that differs.
import { jsonReplacer } from '../codecs/index.js'
import { QueryRefusedError } from './errors.js'
import type { Pairs, Relation, Relations } from './relations.js'

/** A row, by property. */
export type AnyRow = Record<string, unknown>

/** How the rows of a table, or of a relation, are read: `FindOptions` and `Along` without their types. */
export interface Reading {
  readonly columns?: readonly string[] | undefined
  readonly where?: Readonly<Record<string, unknown>> | undefined
  readonly orderBy?: Readonly<Record<string, 'asc' | 'desc'>> | undefined
  readonly limit?: number | undefined
  readonly perPartitionLimit?: number | undefined
  readonly allowFiltering?: boolean | undefined
  readonly withDeleted?: boolean | undefined
  readonly with?: Readonly<Record<string, true | Reading>> | undefined
}

/** Reads of one wave that are under way at once: more would only wait in the client's queue. */
const AT_ONCE = 512

/** Reads rows of one table by equality: the part of a repository that relations need. */
export type ReadRows = (table: string, filter: Readonly<Record<string, unknown>>, reading: Reading) => Promise<AnyRow[]>

/** Reads relations by `with`. */
export class RelationReader {
  readonly #relations: Relations
  readonly #read: ReadRows

  constructor(relations: Relations, read: ReadRows) {
    this.#relations = relations
    this.#read = read
  }

  /** The relation of a name. @throws QueryRefusedError when there is none */
  #relation(from: string, name: string): Relation {
    const named = Object.hasOwn(this.#relations, from) ? this.#relations[from]! : {}
    if (!Object.hasOwn(named, name)) throw new QueryRefusedError(`'${from}' has no relation '${name}': it has ${Object.keys(named).join(', ') || 'none'}`)
    return named[name]!
  }

  /** Columns that relations need of rows, besides those that were asked for. @returns undefined when all columns are read anyhow */
  #hiddenColumns(from: string, { columns, with: along }: Reading): readonly string[] | undefined {
    if (columns === undefined) return undefined
    const needed = Object.keys(along ?? {}).flatMap((name) => {
      const { on, through } = this.#relation(from, name)
      return Object.values(through?.on ?? on)
    })
    return [...new Set(needed)].filter((name) => !columns.includes(name))
  }

  /** Reads rows and what belongs to them. */
  async rows(from: string, filter: Readonly<Record<string, unknown>>, reading: Reading): Promise<AnyRow[]> {
    if (reading.with === undefined) return this.#read(from, filter, reading)
    const hidden = this.#hiddenColumns(from, reading)
    const rows = await this.#read(from, filter, hidden === undefined ? reading : { ...reading, columns: [...reading.columns!, ...hidden] })
    await this.#along(from, rows, reading.with)
    if (hidden) for (const row of rows) for (const name of hidden) delete row[name]
    return rows
  }

  async #along(from: string, rows: readonly AnyRow[], along: Reading['with']): Promise<void> {
    if (along === undefined || rows.length === 0) return
    await Promise.all(Object.entries(along).map(async ([name, how]) => {
      const relation = this.#relation(from, name)
      const reading = how === true ? {} : how
      const found = relation.through ? await this.#throughTable(rows, relation, relation.through, reading) : await this.#wave(relation.to, rows, relation.on, relation.kind === 'one' ? { ...reading, limit: 1 } : reading)
      rows.forEach((row, i) => { row[name] = relation.kind === 'many' ? found[i] : found[i]![0] })
    }))
  }

  /** By way of a table between: a wave for its rows, and one for those that they name. */
  async #throughTable(rows: readonly AnyRow[], { to, on }: Relation, { table, on: first }: NonNullable<Relation['through']>, reading: Reading): Promise<AnyRow[][]> {
    if (reading.orderBy) throw new QueryRefusedError(`Rows of '${to}' by way of '${table}' come in the order of '${table}': they cannot be ordered by columns of their own`)
    const limit = reading.where === undefined ? reading.limit : undefined
    const between = await this.#wave(table, rows, first, { columns: [...new Set(Object.values(on))], ...(limit !== undefined && { limit }) })
    const flat = between.flat()
    const targets = await this.#wave(to, flat, on, { ...reading, limit: undefined })
    let at = 0
    return between.map((group) => group.flatMap(() => targets[at++]!).slice(0, reading.limit))
  }

  /** The rows that belong to each of some: equal keys are read once, and their rows shared. */
  async #wave(to: string, rows: readonly AnyRow[], on: Pairs, reading: Reading): Promise<AnyRow[][]> {
    const pairs = Object.entries(on)
    const keys = new Map<string, { readonly filter: AnyRow; found: AnyRow[] }>()
    const keyOf = rows.map((row) => {
      const values = pairs.map(([, ours]) => row[ours])
      if (values.some((value) => value === null || value === undefined)) return undefined // which names nothing
      const text = JSON.stringify(values, jsonReplacer)
      if (!keys.has(text)) keys.set(text, { filter: Object.fromEntries(pairs.map(([theirs], i) => [theirs, { $eq: values[i] }])), found: [] })
      return text
    })
    const { with: along, where, ...plain } = reading
    const hidden = this.#hiddenColumns(to, reading)
    const columns = plain.columns && { columns: [...plain.columns, ...(hidden ?? [])] }
    const waiting = [...keys.values()].values()
    const work = async (): Promise<void> => {
      for (const key of waiting) key.found = await this.#read(to, { ...where, ...key.filter }, { ...plain, ...columns })
    }
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, keys.size) }, work))
    const all = [...keys.values()].flatMap(({ found }) => found)
    await this.#along(to, all, along)
    if (hidden) for (const row of all) for (const name of hidden) delete row[name]
    return keyOf.map((text) => (text === undefined ? [] : [...keys.get(text)!.found]))
  }
}
