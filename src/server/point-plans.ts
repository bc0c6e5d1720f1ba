// Prepared statements about one row by its whole key, which is most of what applications run: understood once, not at each execution. What is unusual about one goes the plain way
// (`select.ts`, `modification.ts`), which alone knows how to refuse; the tests run the same statements both ways.
import { unset } from '../codecs/index.js'
import type { Column } from '../codecs/index.js'
import type { InsertStatement, SelectStatement, Term } from '../cql/index.js'
import type { ResultMessage } from '../protocol/index.js'
import type { WriteTime } from './cell-writer.js'
import type { PlannedWrite } from './modification.js'
import { RowView } from './row-view.js'
import { isComplex } from './schema.js'
import type { Table, TableColumn } from './schema.js'
import { evaluate } from './terms.js'
import type { Env } from './terms.js'

/** A column of a key, and what it is to be equal to. */
interface KeyPart {
  readonly column: TableColumn
  readonly term: Term
}

/** SELECT of plain columns of one row. */
export class PointRead {
  readonly #table: Table
  readonly #partition: readonly KeyPart[]
  readonly #clustering: readonly KeyPart[]
  readonly #selected: readonly TableColumn[]
  readonly #columns: readonly Column[]

  private constructor(table: Table, partition: readonly KeyPart[], clustering: readonly KeyPart[], selected: readonly TableColumn[], columns: readonly Column[]) {
    this.#table = table
    this.#partition = partition
    this.#clustering = clustering
    this.#selected = selected
    this.#columns = columns
  }

  /** @returns undefined for a statement that is no such thing */
  static of(statement: SelectStatement, table: Table): PointRead | undefined {
    const { where, selectors } = statement
    if (statement.json || statement.distinct || statement.orderBy.length > 0 || statement.groupBy.length > 0 || statement.limit || statement.perPartitionLimit) return undefined
    if (where.length !== table.partitionKey.length + table.clusteringKey.length || table.columns.some(({ mask }) => mask)) return undefined
    const find = (column: TableColumn): KeyPart | undefined => {
      const relation = where.find(({ target }) => target.kind === 'column' && target.column.name === column.name)
      return relation?.operator === '=' && relation.value && isPlain(relation.value) ? { column, term: relation.value } : undefined
    }
    const [partition, clustering] = [table.partitionKey.map(find), table.clusteringKey.map(find)]
    const selected = selectors ? selectors.map(({ term }) => (term.kind === 'column' ? table.column(term.name) : undefined)) : table.ordered
    // What is static is of a partition, whatever row is asked for.
    if (!areKnown(partition) || !areKnown(clustering) || !areKnown(selected) || selected.some(({ kind }) => kind === 'static')) return undefined
    const columns = selected.map((column, i): Column => ({ name: selectors?.[i]?.alias?.name ?? column.name, type: column.type, keyspace: table.keyspace, table: table.name }))
    return new PointRead(table, partition, clustering, selected, columns)
  }

  /** @returns undefined when it has to go the plain way */
  run(env: Env, nowSeconds: number, check: (keys: readonly (readonly Uint8Array[])[]) => void): Extract<ResultMessage, { kind: 'ROWS' }> | undefined {
    const key = keyOf(this.#partition, env)
    const clustering = key && keyOf(this.#clustering, env)
    if (!clustering) return undefined
    check([key])
    const { store } = this.#table
    const partition = store.partition(key)
    const row = partition && store.row(partition, clustering)
    const rows: (Uint8Array | null)[][] = []
    if (row && store.rowExists(partition, row, nowSeconds)) {
      const view = new RowView(this.#table, partition, row, nowSeconds)
      rows.push(this.#selected.map((column) => view.get(column)))
    }
    return { type: 'RESULT', kind: 'ROWS', metadata: { columnCount: this.#columns.length, columns: this.#columns }, rows }
  }
}

/** INSERT of plain values into one row. */
export class PointInsert {
  readonly #table: Table
  readonly #partition: readonly KeyPart[]
  readonly #clustering: readonly KeyPart[]
  readonly #others: readonly KeyPart[]
  readonly #ttl: number

  private constructor(table: Table, partition: readonly KeyPart[], clustering: readonly KeyPart[], others: readonly KeyPart[]) {
    this.#table = table
    this.#partition = partition
    this.#clustering = clustering
    this.#others = others
    this.#ttl = Number(table.options['default_time_to_live'] ?? 0)
  }

  /** @returns undefined for a statement that is no such thing */
  static of({ columns, values, json, ifNotExists, using }: InsertStatement, table: Table): PointInsert | undefined {
    if (json || ifNotExists || using.timestamp || using.ttl || table.isCounter || values.length !== columns.length || !values.every(isPlain)) return undefined
    if (new Set(columns.map(({ name }) => name)).size !== columns.length) return undefined
    const parts: readonly (KeyPart | undefined)[] = columns.map(({ name }, i) => {
      const column = table.column(name)
      return column && { column, term: values[i]! }
    })
    if (!areKnown(parts)) return undefined
    const find = (column: TableColumn): KeyPart | undefined => parts.find((part) => part.column === column)
    const [partition, clustering] = [table.partitionKey.map(find), table.clusteringKey.map(find)]
    const others = parts.filter(({ column: { kind } }) => kind !== 'partition_key' && kind !== 'clustering')
    if (!areKnown(partition) || !areKnown(clustering) || others.some(({ column }) => column.kind === 'static' || isComplex(column.type))) return undefined
    return new PointInsert(table, partition, clustering, others)
  }

  /** @returns undefined when it has to go the plain way */
  plan(env: Env, { timestamp, nowSeconds }: WriteTime): PlannedWrite | undefined {
    const key = keyOf(this.#partition, env)
    const clustering = key && keyOf(this.#clustering, env)
    if (!clustering) return undefined
    const others = this.#others
    const values = others.map(({ column, term }) => evaluate(term, column.type, env, column.name))
    const table = this.#table
    const ttl = this.#ttl
    return {
      table, key,
      apply() {
        const { store } = table
        const partition = store.open(key)
        const row = store.openRow(partition, clustering)
        const expires = ttl === 0 ? 0 : nowSeconds + ttl
        store.writeLiveness(row, { timestamp, ttl, expires })
        values.forEach((value, i) => {
          if (value === unset) return
          store.writeCell(row, others[i]!.column, value === null ? { value, timestamp, ttl: 0, expires: 0 } : { value: value as Uint8Array, timestamp, ttl, expires })
        })
      },
    }
  }
}

function isPlain({ kind }: Term): boolean {
  return kind === 'bind' || kind === 'literal'
}

function areKnown<Part>(parts: readonly (Part | undefined)[]): parts is readonly Part[] {
  return !parts.includes(undefined)
}

/** The values of a key; undefined when one is null, missing or empty. */
function keyOf(parts: readonly KeyPart[], env: Env): Uint8Array[] | undefined {
  const key: Uint8Array[] = []
  for (const { column, term } of parts) {
    const value = evaluate(term, column.type, env, column.name)
    if (!(value instanceof Uint8Array) || value.length === 0) return undefined
    key.push(value)
  }
  return key
}
