// Holds the query builder to a server: what it builds finds what looking at every row finds, and what it refuses the server refuses, too.
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Client } from '../../src/client/index.js'
import { CqlSyntaxError, InvalidQueryError } from '../../src/client/index.js'
import { orm, QueryRefusedError } from '../../src/orm/index.js'
import type { Table } from '../../src/orm/index.js'
import { queriesOf, rawQuery, reference, rowsOf } from './orm-queries.js'
import type { AnyRow, QueryPlan } from './orm-queries.js'

/** How often a query was built and run, needed filtering, and was refused. */
export interface Tally {
  run: number
  filtered: number
  refused: number
}

/** Runs random queries of one table, whose rows are random, too. */
export async function checkQueries(client: Client, table: Table, seed: number, numRuns: number, tally: Tally): Promise<void> {
  const db = orm(client, { table })
  await db.createTables()
  const [rows] = fc.sample(rowsOf(table, 30), { seed, numRuns: 1 }) as [AnyRow[]]
  for (const row of rows) await db.insert(table).values(row as never)
  await fc.assert(fc.asyncProperty(queriesOf(table), async (plan) => {
    const refusal = await checkQuery(client, table, rows, plan, tally)
    if (refusal !== undefined) await checkRefusal(client, table, plan, refusal)
  }), { seed, numRuns })
}

const keyText = ({ model }: Table) => (row: AnyRow): string => JSON.stringify([...model.partitionKey, ...model.clusteringKey].map(({ property }) => row[property]))
const partitionText = ({ model }: Table) => (row: AnyRow): string => JSON.stringify(model.partitionKey.map(({ property }) => row[property]))

/** Builds and runs a query. @returns why it was refused, if it was */
async function checkQuery(client: Client, table: Table, rows: readonly AnyRow[], plan: QueryPlan, tally: Tally): Promise<string | undefined> {
  const { filter, order, limit, perPartitionLimit, allowFiltering } = plan
  let found: AnyRow[]
  let query = ''
  try {
    const repository = orm(client, { table }).table
    const select = orm(client, { table }).select(table)
    query = (allowFiltering ? select.allowFiltering() : select).whereDynamic(filter).toCQL().query
    found = (await repository.find(filter as never, { allowFiltering: allowFiltering as true, orderBy: order, ...(limit !== undefined && { limit }), ...(perPartitionLimit !== undefined && { perPartitionLimit }) })) as AnyRow[]
  } catch (error) {
    if (error instanceof QueryRefusedError) {
      tally.refused++
      return error.message
    }
    throw error
  }
  tally.run++
  if (query.endsWith('ALLOW FILTERING')) tally.filtered++
  const wanted = reference(rows, filter)
  const key = keyText(table)
  const all = new Map(wanted.map((row) => [key(row), row]))
  for (const row of found) {
    const own = all.get(key(row))
    expect(own, `${query} found a row that it should not`).toBeDefined()
    for (const [property, value] of Object.entries(own!)) expect(row[property]).toEqual(value)
  }
  const perPartition = new Map<string, number>()
  for (const row of wanted) perPartition.set(partitionText(table)(row), Math.min((perPartition.get(partitionText(table)(row)) ?? 0) + 1, perPartitionLimit ?? Infinity))
  expect(new Set(found.map(key)).size).toBe(found.length)
  expect(found.length, query).toBe(Math.min(limit ?? Infinity, [...perPartition.values()].reduce((sum, each) => sum + each, 0)))
  checkOrder(table, plan, found)
  return undefined
}

/** Rows of a partition are in the order that was asked for, or in the table's. */
function checkOrder({ model }: Table, { order }: QueryPlan, found: readonly AnyRow[]): void {
  const [first] = Object.entries(order)
  const reversed = first !== undefined && first[1] !== model.columns.get(first[0])!.column.order
  for (let i = 1; i < found.length; i++) {
    const [a, b] = [found[i - 1]!, found[i]!]
    if (model.partitionKey.some(({ property }) => JSON.stringify(a[property]) !== JSON.stringify(b[property]))) continue
    const differing = model.clusteringKey.find(({ property }) => JSON.stringify(a[property]) !== JSON.stringify(b[property]))
    if (!differing) continue
    const [left, right] = [a[differing.property] as number, b[differing.property] as number]
    expect(left < right).toBe((differing.column.order === 'asc') !== reversed)
  }
}

/** What was refused the server refuses, too; or takes it only with ALLOW FILTERING, and that was not asked for. */
async function checkRefusal(client: Client, table: Table, plan: QueryPlan, refusal: string): Promise<void> {
  // Of an empty list the server knows that it finds nothing, and looks no further.
  if (Object.values(plan.filter).some((test) => Array.isArray(test) && test.length === 0)) return
  if (refusal.includes('wrongly finds nothing')) return
  const { query, values } = rawQuery(table, plan, plan.allowFiltering)
  const error: unknown = await client.execute(query, values, { prepare: true }).then(() => undefined, (failure: unknown) => failure)
  expect(error, `the builder refused what the server takes (${refusal}): ${query}`).toBeInstanceOf(InvalidQueryError)
  expect(error).not.toBeInstanceOf(CqlSyntaxError)
}
