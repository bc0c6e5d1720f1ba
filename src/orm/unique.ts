// Unique columns: which claims a write needs, and what becomes of them.
import { CqlError, isCqlError, nameError } from '../base/index.js'
import type { Client } from '../client/index.js'
import { jsonReplacer } from '../codecs/index.js'
import { ClaimTakenError } from '../coordination/index.js'
import type { Claim, ClaimJudge, ClaimRow, Claims } from '../coordination/index.js'
import type { AnyRow } from './along.js'
import { QueryRefusedError } from './errors.js'
import { isTests } from './relation.js'
import { keyText } from './row-key.js'
import type { TableColumn, TableModel } from './table.js'

/** Another row has the value of a unique column; nothing was written. */
export class UniqueError extends CqlError {
  /** The column at fault. */
  readonly column: string
  constructor(column: string, label: string, cause: unknown) {
    super(`${label}: another row has this value already`, 'CQL_UNIQUE', 'permanent', cause)
    this.column = column
  }
  static { nameError(this, 'UniqueError') }
}

/** What a claim calls a column, and a value. */
const scopeOf = ({ name }: TableModel, column: TableColumn): string => `${name}.${column.name}`
const textOf = ({ encode }: TableColumn, value: unknown): string => JSON.stringify([encode ? encode(value) : value], jsonReplacer)

/** The unique values of one write. */
export class UniqueWrite {
  readonly #table: TableModel
  readonly #claims: Claims
  readonly #owner: string
  readonly #made: Claim[] = []
  /** What the row had, and will have no more. */
  readonly #left: (readonly [column: TableColumn, value: string])[] = []

  /** @param key of the row that is written */
  constructor(table: TableModel, claims: Claims, key: AnyRow) {
    this.#table = table
    this.#claims = claims
    this.#owner = keyText(table, key)
  }

  /** What the write is dated with, so that it can be told from later ones; undefined when nothing was claimed. */
  get timestamp(): bigint | undefined {
    return this.#made.at(-1)?.row.timestamp
  }

  /**
   * Claims what is to be written.
   *
   * @param before the row as it is; undefined when there is none
   * @throws UniqueError when another row has one of the values
   */
  async claim(values: Readonly<AnyRow>, before: Readonly<AnyRow> | undefined): Promise<void> {
    for (const column of this.#table.unique) {
      if (!Object.hasOwn(values, column.property)) continue
      const value = values[column.property]
      if (isTests(value)) throw new QueryRefusedError(`${column.label} is unique: it is written as a whole`)
      const [old, wanted] = [before?.[column.property], value].map((each) => (each === undefined || each === null ? undefined : textOf(column, each)))
      if (old === wanted) continue
      if (old !== undefined) this.#left.push([column, old])
      if (wanted === undefined) continue
      try {
        this.#made.push(await this.#claims.claim(scopeOf(this.#table, column), wanted, this.#owner))
      } catch (error) {
        await this.abandon()
        throw this.#asUnique(error)
      }
    }
    if (this.#made.every(({ inTime }) => inTime)) return
    await this.abandon()
    throw new QueryRefusedError(`${this.#table.name}: claiming unique values took so long that they may be taken back by now; try again`)
  }

  /** The row is written: its values are its own, and what it had before is free. */
  async settle(): Promise<void> {
    await Promise.all(this.#made.map((claim) => claim.confirm())).catch((error: unknown) => { throw this.#asUnique(error) })
    await Promise.all(this.#left.map(([column, value]) => this.#claims.releaseHeld(scopeOf(this.#table, column), value, this.#owner)))
  }

  /** A claim that another has, as the column that it is of. */
  #asUnique(error: unknown): unknown {
    const column = error instanceof ClaimTakenError ? this.#table.unique.find((each) => scopeOf(this.#table, each) === error.scope) : undefined
    return column ? new UniqueError(column.property, column.label, error) : error
  }

  /** The row was not written; where that is not certain, the reaper finds out. */
  async failed(error: unknown): Promise<void> {
    if (!isCqlError(error) || error.outcome !== 'undetermined') await this.abandon()
  }

  /** Gives back what was claimed. */
  async abandon(): Promise<void> {
    await Promise.all(this.#made.map((claim) => claim.release()))
  }
}

/** What the reaper asks of a table: it reads and writes at QUORUM, whatever the application does. */
export function judgeOf(client: Client, table: TableModel): ClaimJudge {
  const where = table.primaryKey.map(({ quoted }) => `${quoted} = ?`).join(' AND ')
  const columnOf = ({ scope }: ClaimRow): TableColumn | undefined => table.unique.find((column) => scopeOf(table, column) === scope)
  const read = async (claim: ClaimRow): Promise<{ readonly row: AnyRow | undefined; readonly value: unknown; readonly key: readonly unknown[] }> => {
    const column = columnOf(claim)!
    const values = JSON.parse(claim.owner) as unknown[]
    const row = (await client.execute(`SELECT ${column.quoted} FROM ${table.quoted} WHERE ${where}`, values, { consistency: 'quorum' })).first()
    return { row, value: row?.[column.name] ?? undefined, key: values }
  }
  return {
    concerns: (claim) => columnOf(claim) !== undefined,
    async holds(claim) {
      const { value } = await read(claim)
      return value !== undefined && JSON.stringify([value], jsonReplacer) === claim.value
    },
    async shadow(claim) {
      const { row, value, key: values } = await read(claim)
      const { quoted } = columnOf(claim)!
      const options = { consistency: 'quorum', idempotent: true } as const
      // Of a write and a deletion with one timestamp the deletion wins; of two writes the later one.
      if (row === undefined) await client.execute(`DELETE FROM ${table.quoted} USING TIMESTAMP ? WHERE ${where}`, [claim.timestamp, ...values], options)
      else if (value === undefined) await client.execute(`DELETE ${quoted} FROM ${table.quoted} USING TIMESTAMP ? WHERE ${where}`, [claim.timestamp, ...values], options)
      else await client.execute(`UPDATE ${table.quoted} USING TIMESTAMP ? SET ${quoted} = ? WHERE ${where}`, [claim.timestamp + 1n, value, ...values], options)
    },
  }
}
