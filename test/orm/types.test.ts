// Types are checked by the compiler (`npm run check:types`); here what they say is compared with what the builder does, and counted.
import { readFileSync } from 'node:fs'
import { expect, expectTypeOf, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import type { CasOutcome, Decimal, Duration, LocalDate, LocalTime, Result } from '../../src/client/index.js'
import { count, max, min, placeholder, QueryRefusedError, sum, table, text, ttl, writetime } from '../../src/orm/index.js'
import type { ClusteringNames, ColumnsOf, Insert, Key, KeyNames, PartitionNames, Row, Update } from '../../src/orm/index.js'
import { accepted } from './types/accepted.js'
import { refusedByRules } from './types/refused-by-rules.js'
import { tie } from './types/tables.js'
import type { Db, events, every, hits, posts, users } from './types/tables.js'

/** It never connects. */
const db = tie(new Client({ contactPoints: ['127.0.0.1'] }))

test('what compiles is built', () => {
  expect(accepted.map((build) => build(db).toCQL())).toMatchSnapshot()
})

test('what the rules of CQL refuse does not compile, and is refused at run time, too', () => {
  refusedByRules.forEach((build, i) => {
    expect(() => build(db).toCQL(), `case ${i}: ${build}`).toThrow(QueryRefusedError)
  })
})

test('there are as many cases as there were', () => {
  const count = (name: string, pattern: RegExp): number => readFileSync(`test/orm/${name}`, 'utf8').match(pattern)!.length
  expect(count('types/refused-by-rules.ts', /@ts-expect-error/g) + count('types/refused-by-types.ts', /@ts-expect-error/g)).toBeGreaterThanOrEqual(210)
  expect(accepted.length + count('types.test.ts', /expectTypeOf</g)).toBeGreaterThanOrEqual(200)
})

test('rows, inserts and keys', () => {
  type E = Row<typeof events>
  expectTypeOf<E['org']>().toEqualTypeOf<string>()
  expectTypeOf<E['bucket']>().toEqualTypeOf<number>()
  expectTypeOf<E['day']>().toEqualTypeOf<number>()
  expectTypeOf<E['id']>().toEqualTypeOf<string>()
  expectTypeOf<E['note']>().toEqualTypeOf<string | null>()
  expectTypeOf<E['count']>().toEqualTypeOf<number>()
  expectTypeOf<E['at']>().toEqualTypeOf<Date | null>()
  expectTypeOf<E['tags']>().toEqualTypeOf<Set<string>>()
  expectTypeOf<E['labels']>().toEqualTypeOf<Map<string, string>>()
  expectTypeOf<E['parts']>().toEqualTypeOf<number[]>()
  expectTypeOf<E['plan']>().toEqualTypeOf<string | null>()
  type T = Row<typeof every>
  expectTypeOf<T['ascii']>().toEqualTypeOf<string | null>()
  expectTypeOf<T['bigint']>().toEqualTypeOf<bigint | null>()
  expectTypeOf<T['blob']>().toEqualTypeOf<Uint8Array | null>()
  expectTypeOf<T['boolean']>().toEqualTypeOf<boolean | null>()
  expectTypeOf<T['date']>().toEqualTypeOf<LocalDate | null>()
  expectTypeOf<T['decimal']>().toEqualTypeOf<Decimal | null>()
  expectTypeOf<T['double']>().toEqualTypeOf<number | null>()
  expectTypeOf<T['duration']>().toEqualTypeOf<Duration | null>()
  expectTypeOf<T['inet']>().toEqualTypeOf<string | null>()
  expectTypeOf<T['time']>().toEqualTypeOf<LocalTime | null>()
  expectTypeOf<T['timestamp']>().toEqualTypeOf<Date | null>()
  expectTypeOf<T['timeuuid']>().toEqualTypeOf<string | null>()
  expectTypeOf<T['varint']>().toEqualTypeOf<bigint | null>()
  expectTypeOf<T['list']>().toEqualTypeOf<string[]>()
  expectTypeOf<T['set']>().toEqualTypeOf<Set<number>>()
  expectTypeOf<T['map']>().toEqualTypeOf<Map<string, bigint>>()
  expectTypeOf<T['frozen']>().toEqualTypeOf<number[] | null>()
  expectTypeOf<T['float']>().toEqualTypeOf<number | null>()
  expectTypeOf<T['int']>().toEqualTypeOf<number | null>()
  expectTypeOf<T['smallint']>().toEqualTypeOf<number | null>()
  expectTypeOf<T['tinyint']>().toEqualTypeOf<number | null>()
  expectTypeOf<T['uuid']>().toEqualTypeOf<string | null>()
  expectTypeOf<T['tuple']>().toEqualTypeOf<[number | null, string | null] | null>()
  expectTypeOf<T['udt']>().toEqualTypeOf<{ street: string | null; number: number | null } | null>()
  expectTypeOf<T['udts']>().toEqualTypeOf<{ street: string | null; number: number | null }[]>()
  expectTypeOf<T['vector']>().toEqualTypeOf<Float32Array | null>()
  expectTypeOf<T['vectorOf']>().toEqualTypeOf<number[] | null>()
  expectTypeOf<T['nested']>().toEqualTypeOf<Map<string, Set<number>>>()
  expectTypeOf<Row<typeof hits>>().toEqualTypeOf<{ page: string; day: number; n: bigint | null; unique: bigint | null }>()
  expectTypeOf<Key<typeof events>>().toEqualTypeOf<{ readonly org: string; readonly bucket: number; readonly day: number; readonly id: string }>()
  expectTypeOf<Key<typeof users>>().toEqualTypeOf<{ readonly id: string }>()
  expectTypeOf<PartitionNames<ColumnsOf<typeof events>>>().toEqualTypeOf<'org' | 'bucket'>()
  expectTypeOf<ClusteringNames<ColumnsOf<typeof events>>>().toEqualTypeOf<['day', 'id']>()
  expectTypeOf<KeyNames<ColumnsOf<typeof posts>>>().toEqualTypeOf<'author' | 'at'>()
  expectTypeOf<Insert<typeof hits>>().toEqualTypeOf<never>()
  expectTypeOf<Insert<typeof users>['email']>().toEqualTypeOf<string>()
  expectTypeOf<Insert<typeof users>['name']>().toEqualTypeOf<string | null | undefined>()
  expectTypeOf<keyof Update<typeof posts>>().toEqualTypeOf<'title' | 'topic'>()
})

test('what queries give', () => {
  const at = { org: 'a', bucket: 1 } as const
  type Rows<Q> = Q extends PromiseLike<infer R> ? R : never
  const all = () => db.select(null! as typeof events).where(at)
  expectTypeOf<Rows<ReturnType<typeof all>>>().toEqualTypeOf<Row<typeof events>[]>()
  const some = () => db.select(null! as typeof events).where(at).columns('day', 'note')
  expectTypeOf<Rows<ReturnType<typeof some>>>().toEqualTypeOf<{ day: number; note: string | null }[]>()
  const computed = () => db.select(null! as typeof events).where(at).columns('day').compute({ left: ttl('note'), written: writetime('note') })
  expectTypeOf<Rows<ReturnType<typeof computed>>[number]['day']>().toEqualTypeOf<number>()
  expectTypeOf<Rows<ReturnType<typeof computed>>[number]['left']>().toEqualTypeOf<number | null>()
  expectTypeOf<Rows<ReturnType<typeof computed>>[number]['written']>().toEqualTypeOf<bigint | null>()
  const groups = () => db.select(null! as typeof events).where(at).groupBy('day').compute({ n: count(), last: max('at'), first: min('note'), all: sum('count') })
  expectTypeOf<Rows<ReturnType<typeof groups>>[number]['day']>().toEqualTypeOf<number>()
  expectTypeOf<Rows<ReturnType<typeof groups>>[number]['n']>().toEqualTypeOf<bigint>()
  expectTypeOf<Rows<ReturnType<typeof groups>>[number]['last']>().toEqualTypeOf<Date | null>()
  expectTypeOf<Rows<ReturnType<typeof groups>>[number]['first']>().toEqualTypeOf<string | null>()
  expectTypeOf<Rows<ReturnType<typeof groups>>[number]['all']>().toEqualTypeOf<number | null>()
  const compiled = () => db.select(null! as typeof events).where({ org: placeholder('org'), bucket: { $in: placeholder('buckets') }, day: { $gt: placeholder('from') } }).limit(placeholder('n')).compile()
  type Given = Parameters<ReturnType<typeof compiled>['execute']>[0]
  expectTypeOf<Given['org']>().toEqualTypeOf<string>()
  expectTypeOf<Given['buckets']>().toEqualTypeOf<readonly number[]>()
  expectTypeOf<Given['from']>().toEqualTypeOf<number>()
  expectTypeOf<Given['n']>().toEqualTypeOf<number>()
  const insert = () => db.insert(null! as typeof users).values({ id: '', email: '' })
  expectTypeOf<Rows<ReturnType<typeof insert>>>().toEqualTypeOf<Result>()
  const conditional = () => insert().ifNotExists()
  expectTypeOf<Rows<ReturnType<typeof conditional>>>().toEqualTypeOf<CasOutcome>()
  const find = () => db.users.find({ id: '' }, { with: { posts: { limit: 3, columns: ['title'] }, latest: true } })
  type Found = Rows<ReturnType<typeof find>>[number]
  expectTypeOf<Found['posts']>().toEqualTypeOf<{ title: string | null }[]>()
  expectTypeOf<Found['latest']>().toEqualTypeOf<Row<typeof posts> | undefined>()
  expectTypeOf<Found['email']>().toEqualTypeOf<string>()
  const deep = () => db.users.find({ id: '' }, { with: { posts: { with: { writer: { columns: ['name'] } } } } })
  type Writer = Rows<ReturnType<typeof deep>>[number]['posts'][number]['writer']
  expectTypeOf<Writer>().toEqualTypeOf<{ name: string | null } | undefined>()
  const through = () => db.users.findOne({ id: '' }, { columns: ['name'], with: { colleagues: true } })
  expectTypeOf<NonNullable<Rows<ReturnType<typeof through>>>['colleagues']>().toEqualTypeOf<Row<typeof users>[]>()
  expectTypeOf<NonNullable<Rows<ReturnType<typeof through>>>['name']>().toEqualTypeOf<string | null>()
  expectTypeOf<Parameters<Db['users']['delete']>[0]>().toEqualTypeOf<{ readonly id: string }>()
})

test('names of tables and columns', () => {
  const quoted = table('Odd Name', { key: text().partitionKey(), camelCase: text(), XMLPart: text(), order: text().named('the "order"') })
  expect(quoted.model.quoted).toBe('"Odd Name"')
  expect([...quoted.model.columns.values()].map((column) => column.selection)).toEqual(['key', 'camel_case AS "camelCase"', 'xml_part AS "XMLPart"', '"the ""order""" AS "order"'])
  expect([...table('t', { key: text().partitionKey(), camelCase: text() }, { naming: 'as_is' }).model.columns.values()].map(({ name }) => name)).toEqual(['key', 'camelCase'])
})
