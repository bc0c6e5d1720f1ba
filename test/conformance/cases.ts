// What every client on every runtime must do, on every server. Plain functions, no test runner.
import type * as Cqlwire from '../../src/client/index.js'
import { equal, rejects, truthy } from './check.js'

/** What a case works with. */
export interface Context {
  /** The package under test. */
  readonly cqlwire: typeof Cqlwire
  readonly client: Cqlwire.Client
  /** The client's options, for cases that connect by themselves. */
  readonly options: Cqlwire.ClientOptions
  /** A keyspace of its own, which the client uses. */
  readonly keyspace: string
  readonly version: number
}

export interface Case {
  readonly name: string
  readonly run: (context: Context) => Promise<void>
}

let tables = 0

/** Makes a table with a name of its own. */
async function table({ client, keyspace }: Context, definition: string): Promise<string> {
  const name = `t${++tables}_${Math.floor(Math.random() * 1e9).toString(36)}`
  await client.execute(`CREATE TABLE ${keyspace}.${name} (${definition})`)
  return name
}

const scalars = (cqlwire: typeof Cqlwire): readonly (readonly [type: string, values: readonly unknown[]])[] => {
  const { Decimal, Duration, LocalDate, LocalTime } = cqlwire
  return [
    ['ascii', ['', 'plain', '\u0000\u007f']],
    ['text', ['', 'Grüße 🌍 日本語', 'x'.repeat(70_000)]],
    ['bigint', [0n, -1n, 9223372036854775807n, -9223372036854775808n]],
    ['blob', [new Uint8Array(0), Uint8Array.of(0, 255, 128), new Uint8Array(100_000).fill(7)]],
    ['boolean', [true, false]],
    ['date', [LocalDate.of(1970, 1, 1), LocalDate.of(-5877641, 6, 23), new LocalDate(2147483647), LocalDate.parse('2024-02-29')]],
    ['decimal', [Decimal.from('0'), Decimal.from('-12345678901234567890.123456789'), new Decimal(1n, -20), new Decimal(-255n, 3)]],
    ['double', [0, -0, 1.5, -1e308, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
    ['duration', [Duration.parse('0s'), Duration.parse('1y2mo3d4h5m6s7ms8us9ns'), Duration.parse('-89h'), new Duration(2147483647, 2147483647, 9223372036854775807n), new Duration(-2147483648, -2147483648, -9223372036854775808n)]],
    ['float', [0, 0.5, -3.4028234663852886e38, Number.NaN]],
    ['inet', ['127.0.0.1', '255.255.255.255', '::1', '2001:db8::ff00:42:8329']],
    ['int', [0, 2147483647, -2147483648]],
    ['smallint', [0, 32767, -32768]],
    ['time', [LocalTime.of(0, 0), new LocalTime(86_399_999_999_999n)]],
    ['timestamp', [new Date(0), new Date(-1), new Date(8.64e15), new Date(-8.64e15), new Date('2024-02-29T12:34:56.789Z')]],
    ['timeuuid', ['13814000-1dd2-11b2-8080-808080808080', cqlwire.timeuuid.now()]],
    ['tinyint', [0, 127, -128]],
    ['uuid', ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-4fff-bfff-ffffffffffff', cqlwire.uuid.v7()]],
    ['varint', [0n, -1n, 127n, 128n, -128n, -129n, 2n ** 200n, -(2n ** 63n) - 1n]],
  ]
}

export const cases: readonly Case[] = [
  {
    name: 'scalar types at their extremes',
    async run(context) {
      const { client, cqlwire } = context
      const types = scalars(cqlwire)
      const name = await table(context, `id int PRIMARY KEY, ${types.map(([type]) => `c_${type} ${type}`).join(', ')}`)
      let id = 0
      for (const [type, values] of types) {
        for (const value of values) {
          await client.execute(`INSERT INTO ${name} (id, c_${type}) VALUES (?, ?)`, [++id, value])
          const row = (await client.execute(`SELECT id, c_${type} FROM ${name} WHERE id = ?`, [id])).one()
          equal(row, { id, [`c_${type}`]: value }, type)
        }
      }
    },
  },
  {
    name: 'collections, tuples, user-defined types and nesting',
    async run(context) {
      const { client, keyspace } = context
      const suffix = Math.floor(Math.random() * 1e9).toString(36)
      await client.execute(`CREATE TYPE ${keyspace}.street_${suffix} (name text, "Number" int)`)
      await client.execute(`CREATE TYPE ${keyspace}.address_${suffix} (street frozen<street_${suffix}>, tags frozen<set<text>>, note text)`)
      const name = await table(context, `id int PRIMARY KEY, l list<int>, s set<text>, m map<text, bigint>, t tuple<int, text, frozen<list<double>>>, a address_${suffix}, fa frozen<address_${suffix}>,
        n map<int, frozen<map<text, frozen<list<frozen<tuple<int, uuid>>>>>>>, fl frozen<list<frozen<set<int>>>>, mt map<timestamp, frozen<street_${suffix}>>`)
      const address = { street: { name: 'Hauptstraße', Number: 5 }, tags: new Set(['a', 'b']), note: null }
      const values = {
        id: 1, l: [3, 1, 2, 3], s: new Set(['a', 'z']), m: new Map([['k', 1n], ['y', -1n]]), t: [1, null, [0.5]], a: address, fa: { ...address, note: 'x' },
        n: new Map([[1, new Map([['x', [[7, '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47']]]])]]), fl: [new Set([1, 2]), new Set()], mt: new Map([[new Date(5), { name: null, Number: 1 }]]),
      }
      const names = Object.keys(values)
      await client.execute(`INSERT INTO ${name} (${names.join(', ')}) VALUES (${names.map((column) => `:${column}`).join(', ')})`, values)
      equal((await client.execute(`SELECT ${names.join(', ')} FROM ${name} WHERE id = 1`)).one(), values)
      await client.execute(`UPDATE ${name} SET l = l + ?, s = s - ?, m['new'] = ?, a.note = ? WHERE id = 1`, [[9], new Set(['a']), 5n, 'changed'])
      const changed = (await client.execute(`SELECT l, s, m, a FROM ${name} WHERE id = 1`)).one()
      equal(changed, { l: [3, 1, 2, 3, 9], s: new Set(['z']), m: new Map([['k', 1n], ['new', 5n], ['y', -1n]]), a: { ...address, note: 'changed' } })
      await client.execute(`UPDATE ${name} SET l = ?, s = {} WHERE id = 1`, [[]])
      equal((await client.execute(`SELECT l, s FROM ${name} WHERE id = 1`)).one(), { l: null, s: null }, 'empty collections')
    },
  },
  {
    name: 'vectors',
    async run(context) {
      const { client } = context
      const suffix = await table(context, 'id int PRIMARY KEY, f vector<float, 3>, t vector<text, 2>, n vector<frozen<list<int>>, 2>, v vector<vector<int, 2>, 2>, s vector<smallint, 3>')
      const values = { id: 1, f: new Float32Array([1, -2.5, 0]), t: ['', 'ü'.repeat(200)], n: [[1, 2], []], v: [[1, 2], [3, 4]], s: [1, -1, 300] }
      await client.execute(`INSERT INTO ${suffix} (id, f, t, n, v, s) VALUES (?, ?, ?, ?, ?, ?)`, Object.values(values))
      equal((await client.execute(`SELECT id, f, t, n, v, s FROM ${suffix}`)).one(), values)
      await rejects(client.execute(`INSERT INTO ${suffix} (id, f) VALUES (?, ?)`, [1, [1, 2]]), 'CodecError', /2 elements, not 3/)
    },
  },
  {
    name: 'null, unset and missing',
    async run(context) {
      const { client, cqlwire, version } = context
      const name = await table(context, 'id int PRIMARY KEY, a text, b int')
      await client.execute(`INSERT INTO ${name} (id, a, b) VALUES (1, 'x', 1)`)
      await client.execute(`INSERT INTO ${name} (id, a) VALUES (?, ?)`, [1, null])
      equal((await client.execute(`SELECT a, b FROM ${name}`)).one(), { a: null, b: 1 })
      const unset = client.execute(`INSERT INTO ${name} (id, a, b) VALUES (?, ?, ?)`, [1, 'y', cqlwire.unset])
      if (version >= 4) {
        await unset
        equal((await client.execute(`SELECT a, b FROM ${name}`)).one(), { a: 'y', b: 1 })
      } else await rejects(unset, 'CodecError', /'b'.*protocol version 4/)
      equal((await client.execute(`SELECT a FROM ${name} WHERE id = 99`)).rows, [])
      equal((await client.execute(`SELECT a FROM ${name} WHERE id = 99`)).first(), undefined)
    },
  },
  {
    name: 'parameters by place, by name, by tag and with given types',
    async run(context) {
      const { client } = context
      const name = await table(context, 'id int, "Case" text, v int, PRIMARY KEY (id, "Case")')
      await client.execute(`INSERT INTO ${name} (id, "Case", v) VALUES (:id, :"Case", :v)`, { id: 1, Case: 'a', v: 1 })
      await client.execute(`INSERT INTO ${name} (id, "Case", v) VALUES (?, ?, ?)`, [1, 'b', 2], { prepare: false, types: ['int', 'text', 'int'] })
      await client.execute(`INSERT INTO ${name} (id, "Case", v) VALUES (:i, :c, :v)`, { i: 1, c: 'c', v: 3 }, { prepare: false, types: { i: 'int', c: 'text', v: 'int' } })
      const { cql } = client
      const filter = cql`id = ${1} AND "Case" IN ${['a', 'c']}`
      equal((await cql`SELECT v FROM ${cql.identifier(name)} WHERE ${filter}`).rows, [{ v: 1 }, { v: 3 }])
      const statement = await client.prepare(`SELECT v FROM ${name} WHERE id = ? AND "Case" = ?`)
      equal(statement.variables.map((column) => column.name), ['id', 'Case'])
      equal((await statement.execute([1, 'b'])).one(), { v: 2 })
      equal((await client.execute(statement.bind([1, 'b']))).one(), { v: 2 })
      equal((await client.execute(`SELECT id, v FROM ${name} WHERE id = ? AND "Case" = ?`, [1, 'b'], { rowMode: 'array' })).rows, [[1, 2]])
    },
  },
  {
    name: 'bad input is refused before it is sent, naming what is at fault',
    async run(context) {
      const { client } = context
      const name = await table(context, 'id int PRIMARY KEY, n tinyint, t text, l list<int>, u uuid, ts timestamp')
      const insert = (column: string, value: unknown) => client.execute(`INSERT INTO ${name} (id, ${column}) VALUES (?, ?)`, [1, value])
      await rejects(insert('n', 128), 'CodecError', /Parameter 2 'n' of type tinyint.*outside -128 to 127/)
      await rejects(insert('n', 1.5), 'CodecError', /'n'.*whole number/)
      await rejects(insert('n', 'many'), 'CodecError', /'n'.*a string/)
      await rejects(insert('t', 5), 'CodecError', /'t'.*a number/)
      await rejects(insert('t', '\ud800'), 'CodecError', /surrogate/)
      await rejects(insert('l', [1, null]), 'CodecError', /'l'\[1\].*null/)
      await rejects(insert('l', 'ab'), 'CodecError', /'l'.*a string/)
      await rejects(insert('u', 'no-uuid'), 'CodecError', /'u'/)
      await rejects(insert('ts', new Date(Number.NaN)), 'CodecError', /'ts'.*valid date/)
      await rejects(insert('t', undefined), 'CodecError', /'t'.*undefined is not a value/)
      await rejects(client.execute(`INSERT INTO ${name} (id, t) VALUES (?, ?)`, [1]), 'CodecError', /2 parameters .*1 values/)
      await rejects(client.execute(`INSERT INTO ${name} (id, t) VALUES (:id, :t)`, { id: 1 }), 'CodecError', /Missing parameter 't'/)
      await rejects(client.execute(`INSERT INTO ${name} (id, t) VALUES (:id, :t)`, { id: 1, t: 'x', extra: 1 }), 'CodecError', /Unknown parameter 'extra'/)
      await rejects(client.execute('SELECT 1', [], { wrong: 1 } as never), 'OptionError', /Unknown option 'wrong'/)
      await rejects(client.execute('SELECT 1', [], { pageSize: 0 }), 'OptionError', /'pageSize'/)
      await rejects(client.execute('USE system'), 'OptionError', /client\.with/)
      await rejects(client.execute('SELECT a', ['x'], { prepare: false }), 'OptionError', /'types'/)
      await rejects(client.execute(null as never), 'OptionError', /statement/)
      equal((await client.execute(`SELECT id FROM ${name}`)).rows, [], 'nothing was written')
    },
  },
  {
    name: 'errors of the server are typed, and leave the client usable',
    async run(context) {
      const { client, keyspace } = context
      const syntax = await rejects(client.execute('SELEC nothing'), 'CqlSyntaxError', /line 1:0/)
      equal([syntax.code, syntax.outcome], ['CQL_SYNTAX_ERROR', 'permanent'])
      await rejects(client.execute('SELECT * FROM no_such_table'), 'InvalidQueryError', /no_such_table/)
      await rejects(client.execute('SELECT * FROM no_such_keyspace.t'), 'InvalidQueryError', /no_such_keyspace/)
      await rejects(client.execute('SELECT * FROM no_such_table WHERE a = ?', [1]), 'InvalidQueryError', /no_such_table/)
      const name = await table(context, 'id int PRIMARY KEY, v int')
      await rejects(client.execute(`SELECT nope FROM ${name}`), 'InvalidQueryError', /nope/)
      await rejects(client.execute(`SELECT * FROM ${name} WHERE v = 1`), 'InvalidQueryError', /ALLOW FILTERING/)
      await rejects(client.execute(`INSERT INTO ${name} (v) VALUES (1)`), 'InvalidQueryError', /partition key parts are missing: id/)
      const exists = await rejects(client.execute(`CREATE TABLE ${keyspace}.${name} (id int PRIMARY KEY)`), 'AlreadyExistsError')
      equal([(exists as { keyspace?: string }).keyspace, (exists as { table?: string }).table], [keyspace, name])
      equal((await client.execute(`SELECT id FROM ${name}`)).rows, [])
    },
  },
  {
    name: 'paging by hand, by iteration and by page',
    async run(context) {
      const { client } = context
      const name = await table(context, 'p int, c int, v text, PRIMARY KEY (p, c)')
      await Promise.all(Array.from({ length: 300 }, (_, i) => client.execute(`INSERT INTO ${name} (p, c, v) VALUES (?, ?, ?)`, [i % 3, i, `v${i}`])))
      const seen: number[] = []
      let pageState: Uint8Array | undefined
      do {
        const page = await client.execute<{ c: number }>(`SELECT c FROM ${name} WHERE p = 1`, [], { pageSize: 30, pageState })
        truthy(page.rows.length <= 30, 'page size')
        equal(page.hasMorePages, page.pageState !== undefined)
        seen.push(...page.rows.map((row) => row.c))
        pageState = page.pageState
      } while (pageState)
      equal(seen, Array.from({ length: 100 }, (_, i) => 3 * i + 1))
      const streamed = new Set<number>()
      for await (const row of client.stream<{ c: number }>(`SELECT p, c, v FROM ${name}`, [], { pageSize: 17 })) {
        truthy(!streamed.has(row.c), `row ${row.c} came twice`)
        streamed.add(row.c)
      }
      equal(streamed.size, 300)
      let pages = 0
      for await (const page of client.stream(`SELECT * FROM ${name} WHERE p = ?`, [2], { pageSize: 40 }).pages()) {
        pages++
        if (pages === 2) break
        equal(page.rows.length, 40)
      }
      equal((await client.execute(`SELECT * FROM ${name}`, [], { pageSize: 50, autoPage: true })).rows.length, 300)
      await rejects(client.execute(`SELECT * FROM ${name}`, [], { pageSize: 50, autoPage: true, maxRows: 100 }), 'RowCountError', /maxRows/)
      equal((await client.execute<{ c: number }>(`SELECT c FROM ${name} WHERE p = 0 ORDER BY c DESC LIMIT 3`)).rows, [{ c: 297 }, { c: 294 }, { c: 291 }])
      equal((await client.execute(`SELECT c FROM ${name} WHERE p = 0 AND c > 10 AND c <= 15`)).rows, [{ c: 12 }, { c: 15 }])
    },
  },
  {
    name: 'batches: logged, unlogged and counter',
    async run(context) {
      const { client } = context
      const name = await table(context, 'p int, c int, v text, PRIMARY KEY (p, c)')
      const insert = await client.prepare(`INSERT INTO ${name} (p, c, v) VALUES (?, ?, ?)`)
      await client.batch([insert.bind([1, 1, 'a']), { query: `INSERT INTO ${name} (p, c, v) VALUES (:p, :c, :v)`, values: { p: 1, c: 2, v: 'b' } }, `INSERT INTO ${name} (p, c, v) VALUES (1, 3, 'c')`, client.cql`INSERT INTO ${client.cql.identifier(name)} (p, c, v) VALUES (1, 4, ${'d'})`])
      await client.batch(Array.from({ length: 20 }, (_, i) => insert.bind([2, i, 'x'])), { type: 'unlogged', timestamp: 1000n })
      equal((await client.execute(`SELECT v FROM ${name} WHERE p = 1`)).rows, [{ v: 'a' }, { v: 'b' }, { v: 'c' }, { v: 'd' }])
      equal((await client.execute(`SELECT count(*), max(writetime(v)) AS at FROM ${name} WHERE p = 2`)).one(), { count: 20n, at: 1000n })
      const counters = await table(context, 'k text PRIMARY KEY, n counter')
      const add = { query: `UPDATE ${counters} SET n = n + ? WHERE k = ?`, values: [5n, 'a'] }
      await client.batch([add, add, { query: `UPDATE ${counters} SET n = n - ? WHERE k = ?`, values: [1, 'a'] }], { type: 'counter' })
      equal((await client.execute(`SELECT n FROM ${counters} WHERE k = 'a'`)).one(), { n: 9n })
      await rejects(client.batch([]), 'OptionError', /at least one/)
      await rejects(client.batch([5 as never]), 'OptionError', /Statement 1/)
      await rejects(client.batch([insert.bind([1, 1, 5])]), 'CodecError', /'v'/)
    },
  },
  {
    name: 'lightweight transactions',
    async run(context) {
      const { client } = context
      const name = await table(context, 'id int PRIMARY KEY, v int, w text')
      const insert = `INSERT INTO ${name} (id, v, w) VALUES (?, ?, ?) IF NOT EXISTS`
      equal((await client.execute(insert, [1, 1, 'a'])).applied, true)
      const second = await client.execute(insert, [1, 2, 'b'])
      equal(second.applied, false)
      equal(second.one(), { '[applied]': false, id: 1, v: 1, w: 'a' })
      equal((await client.execute(`UPDATE ${name} SET v = ? WHERE id = ? IF v = ?`, [5, 1, 4])).one(), { '[applied]': false, v: 1 })
      equal((await client.execute(`UPDATE ${name} SET v = ? WHERE id = ? IF v IN (1, 2) AND w != 'x'`, [5, 1])).applied, true)
      equal((await client.execute(`DELETE FROM ${name} WHERE id = 2 IF EXISTS`)).applied, false)
      equal((await client.execute(`SELECT v FROM ${name} WHERE id = 1`, [], { consistency: 'serial' })).one(), { v: 5 })
      equal((await client.execute(`SELECT v FROM ${name}`)).applied, undefined)
    },
  },
  {
    name: 'timestamps, time to live and deletion',
    async run(context) {
      const { client } = context
      const name = await table(context, 'p int, c int, s text static, v int, PRIMARY KEY (p, c)')
      await client.execute(`INSERT INTO ${name} (p, c, v) VALUES (1, 1, 1)`, [], { timestamp: 2000 })
      await client.execute(`INSERT INTO ${name} (p, c, v) VALUES (1, 1, 0) USING TIMESTAMP 1000`)
      equal((await client.execute(`SELECT v, writetime(v) AS at FROM ${name} WHERE p = 1 AND c = 1`)).one(), { v: 1, at: 2000n })
      await client.execute(`UPDATE ${name} USING TTL 1000 SET v = 2 WHERE p = 1 AND c = 2`)
      const { left } = (await client.execute<{ left: number }>(`SELECT ttl(v) AS left FROM ${name} WHERE p = 1 AND c = 2`)).one()
      truthy(left > 990 && left <= 1000, `time to live: ${left}`)
      await client.execute(`UPDATE ${name} SET s = 'static' WHERE p = 1`)
      equal((await client.execute(`SELECT c, s FROM ${name} WHERE p = 1`)).rows, [{ c: 1, s: 'static' }, { c: 2, s: 'static' }])
      for (let c = 3; c < 10; c++) await client.execute(`INSERT INTO ${name} (p, c, v) VALUES (1, ?, 1)`, [c])
      await client.execute(`DELETE FROM ${name} WHERE p = 1 AND c >= 3 AND c < 8`)
      await client.execute(`DELETE v FROM ${name} WHERE p = 1 AND c = 8`)
      equal((await client.execute(`SELECT c, v FROM ${name} WHERE p = 1`)).rows, [{ c: 1, v: 1 }, { c: 2, v: 2 }, { c: 8, v: null }, { c: 9, v: 1 }])
      await client.execute(`DELETE FROM ${name} WHERE p = 1`)
      equal((await client.execute(`SELECT * FROM ${name}`)).rows, [])
    },
  },
  {
    name: 'keyspaces by view and by request',
    async run(context) {
      const { keyspace, options, cqlwire, version } = context
      const name = await table(context, 'id int PRIMARY KEY')
      const { keyspace: _keyspace, ...without } = options
      const other = await cqlwire.Client.connect(without)
      try {
        await rejects(other.execute(`SELECT id FROM ${name}`), 'InvalidQueryError', /[Nn]o keyspace/)
        const view = other.with({ keyspace })
        equal((await view.execute(`SELECT id FROM ${name}`)).rows, [])
        equal((await view.execute(`SELECT id FROM ${name} WHERE id = ?`, [1])).rows, [])
        const request = other.execute(`SELECT id FROM ${name}`, [], { keyspace })
        if (version >= 5) equal((await request).rows, [])
        else await rejects(request, 'OptionError', /protocol version 5/)
        await rejects(other.with({ keyspace: 'no_such_keyspace' }).execute('SELECT id FROM t', [], { timeoutMs: 3000 }), version >= 5 ? 'InvalidQueryError' : 'NoNodeAvailableError', /no_such_keyspace/)
        equal((await view.execute(`SELECT id FROM ${name}`)).rows, [], 'still usable')
      } finally {
        await other.close()
      }
    },
  },
  {
    name: 'tracing and information on the execution',
    async run(context) {
      const { client, version } = context
      const name = await table(context, 'id int PRIMARY KEY')
      const { info } = await client.execute(`SELECT id FROM ${name} WHERE id = ?`, [1], { tracing: true, consistency: 'one' })
      truthy(info.traceId, 'trace id')
      const trace = await client.trace(info.traceId)
      equal(trace.id, info.traceId)
      truthy(trace.durationMicros > 0 && trace.events.length > 0, 'trace with events')
      // A node that does not know the statement yet makes it two.
      truthy(info.attempts >= 1 && info.consistency === 'one', 'attempts and consistency')
      truthy(info.latencyMs >= 0 && /:\d+$/.test(info.node), 'node and latency')
      if (version < 4) return
      await client.execute(`SELECT id FROM ${name}`, [], { payload: new Map([['x', Uint8Array.of(1)]]) })
    },
  },
  {
    name: 'columns that ALTER adds are seen by statements prepared before',
    async run(context) {
      const { client, keyspace } = context
      const name = await table(context, 'id int PRIMARY KEY, v int')
      await client.execute(`INSERT INTO ${name} (id, v) VALUES (1, 1)`)
      const all = `SELECT * FROM ${name} WHERE id = ?`
      equal((await client.execute(all, [1])).one(), { id: 1, v: 1 })
      await client.execute(`ALTER TABLE ${keyspace}.${name} ADD w text`)
      await client.execute(`UPDATE ${name} SET w = 'new' WHERE id = 1`)
      for (let i = 0; i < 5; i++) equal((await client.execute(all, [1])).one(), { id: 1, v: 1, w: 'new' })
    },
  },
  {
    name: 'abort and time-out end a call at once',
    async run(context) {
      const { client } = context
      const name = await table(context, 'id int PRIMARY KEY')
      await rejects(client.execute(`SELECT id FROM ${name}`, [], { signal: AbortSignal.abort(new Error('before')) }), 'AbortError')
      const controller = new AbortController()
      const aborted = client.execute(`SELECT id FROM ${name} WHERE id = ?`, [1], { signal: controller.signal })
      controller.abort('enough')
      const error = await rejects(aborted, 'AbortError')
      equal((error as { cause?: unknown }).cause, 'enough')
      equal((await client.execute(`SELECT id FROM ${name}`)).rows, [])
    },
  },
  {
    name: 'rows as JSON',
    async run(context) {
      const { client } = context
      const name = await table(context, 'id int PRIMARY KEY, b bigint, s set<text>, m map<int, text>, x blob, d decimal, t timestamp, f double')
      await client.execute(`INSERT INTO ${name} (id, b, s, m, x, d, t, f) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, [1, 2n ** 60n, ['b', 'a'], { 5: 'x' }, Uint8Array.of(1, 2, 255), '1.50', 0, Number.NaN])
      const text = new TextDecoder().decode(await client.json(`SELECT id, b, s, m, x, d, t, f FROM ${name}`))
      equal(text, '[{"id":1,"b":"1152921504606846976","s":["a","b"],"m":{"5":"x"},"x":"AQL/","d":"1.50","t":"1970-01-01T00:00:00.000Z","f":null}]')
    },
  },
  {
    name: 'rows of several pages as JSON, as lines and by column',
    async run(context) {
      const { client } = context
      const name = await table(context, 'part int, id int, name text, tags set<text>, PRIMARY KEY (part, id)')
      for (let id = 0; id < 25; id++) await client.execute(`INSERT INTO ${name} (part, id, name, tags) VALUES (?, ?, ?, ?)`, [1, id, id === 7 ? null : `name "${id}"`, id % 2 === 0 ? ['a', 'é'] : null])
      const query = `SELECT id, name, tags FROM ${name} WHERE part = ?`
      const rows = (await client.execute(query, [1])).rows
      equal(rows.length, 25)
      const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
      const wanted = rows.map(({ id, name: own, tags }) => ({ id, name: own, tags: tags && [...(tags as Set<string>)] }))
      for (const pageSize of [1, 7, 25, 100]) {
        equal(JSON.parse(text(await client.json(query, [1], { pageSize }))), wanted)
        let lines = ''
        for await (const chunk of client.jsonLines(query, [1], { pageSize })) lines += text(chunk)
        equal(lines.split('\n').slice(0, -1).map((line) => JSON.parse(line) as unknown), wanted)
        const columns = await client.columnar(query, [1], { pageSize, columnar: { text: pageSize === 7 ? 'dictionary' : 'bytes' } })
        equal(columns.rowCount, 25)
        equal(Array.from({ length: 25 }, (_, i) => columns.row(i)), rows)
      }
      equal(text(await client.json(query, [2])), '[]')
      equal((await client.columnar(query, [2])).rowCount, 0)
      equal(text(await client.json(`INSERT INTO ${name} (part, id) VALUES (?, ?)`, [3, 1])), '[]')
      await rejects(client.json(query, [1], { pageSize: 5, maxRows: 10 }), 'RowCountError')
      await rejects(client.columnar(query, [1], { pageSize: 5, maxRows: 10 }), 'RowCountError')
      await rejects(client.json(`SELECT nothing FROM ${name}`), 'InvalidQueryError')
      const ignoring = { retry: { decide: () => 'ignore' as const } }
      equal(text(await client.json(`SELECT nothing FROM ${name}`, [], ignoring)), '[]')
      equal((await client.columnar(`SELECT nothing FROM ${name}`, [], ignoring)).rowCount, 0)
      await rejects(client.columnar(query, ['one']), 'CodecError')
      await rejects(client.json(query, [1], { json: { bigint: 'digits' as 'number' } }), 'OptionError')
      await rejects(client.columnar(query, [1], { columnar: { texts: 'bytes' } as object }), 'OptionError')
      await rejects(client.columnar(query, [1], { pageSizes: 1 } as object), 'OptionError')
      await rejects(client.json(query, [1], { signal: AbortSignal.abort() }), 'AbortError')
    },
  },
  {
    name: 'many requests at once',
    async run(context) {
      const { client } = context
      const name = await table(context, 'id int PRIMARY KEY, v text')
      await Promise.all(Array.from({ length: 500 }, (_, id) => client.execute(`INSERT INTO ${name} (id, v) VALUES (?, ?)`, [id, `value ${id}`])))
      const rows = await Promise.all(Array.from({ length: 2000 }, async (_, i) => (await client.execute(`SELECT id, v FROM ${name} WHERE id = ?`, [i % 500])).one()))
      rows.forEach((row, i) => equal(row, { id: i % 500, v: `value ${i % 500}` }))
    },
  },
  {
    name: 'a closed client refuses, and closing twice is harmless',
    async run({ cqlwire, options }) {
      const client = await cqlwire.Client.connect(options)
      await client.execute('SELECT release_version FROM system.local')
      await client.close()
      await client.close()
      await rejects(client.execute('SELECT release_version FROM system.local'), 'ClosedError')
      await rejects(client.execute('SELECT release_version FROM system.local WHERE key = ?', ['local']), 'ClosedError')
    },
  },
]
