// Prepared statements about one row are understood once: they do, return and refuse the same as the same statements that are not prepared.
import { expect, test } from 'vitest'
import { SeededRandom } from '../../src/base/index.js'
import { Client, CqlError, unset } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'

const RUNS = 4000
const tables: Readonly<Record<string, readonly (readonly [column: string, type: string])[]>> = {
  simple: [['k', 'int'], ['v', 'text'], ['w', 'bigint'], ['l', 'list<int>'], ['f', 'frozen<list<int>>']],
  wide: [['p', 'text'], ['q', 'int'], ['c', 'int'], ['d', 'text'], ['s', 'int'], ['v', 'text'], ['b', 'blob']],
  brief: [['k', 'int'], ['v', 'text']],
}
const definitions = [
  'CREATE TABLE simple (k int PRIMARY KEY, v text, w bigint, l list<int>, f frozen<list<int>>)',
  'CREATE TABLE wide (p text, q int, c int, d text, s int static, v text, b blob, PRIMARY KEY ((p, q), c, d)) WITH CLUSTERING ORDER BY (c DESC, d ASC)',
  'CREATE TABLE brief (k int PRIMARY KEY, v text) WITH default_time_to_live = 1000',
]

function valueOf(type: string, random: SeededRandom): unknown {
  switch (type) {
    case 'int':
      return random.between(0, 3)
    case 'bigint':
      return BigInt(random.between(-2, 2))
    case 'text':
      return random.pick(['', 'a', 'ä', 'long '.repeat(20)])
    case 'blob':
      return new Uint8Array(random.pick([0, 3, 100])).fill(random.between(0, 255))
    default:
      return random.pick([[], [1], [1, 2]])
  }
}

test(`${RUNS} statements, prepared and not`, async () => {
  await using server = await CqlServer.start({ port: 0 })
  await using admin = await Client.connect({ contactPoints: server.contactPoints })
  for (const keyspace of ['one', 'two']) {
    await admin.execute(`CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
    for (const definition of definitions) await admin.execute(definition.replace('TABLE ', `TABLE ${keyspace}.`))
  }
  await using one = await Client.connect({ contactPoints: server.contactPoints, keyspace: 'one' })
  await using two = await Client.connect({ contactPoints: server.contactPoints, keyspace: 'two' })
  const random = new SeededRandom(Number(process.env['CQLWIRE_SEED'] ?? 1))
  let [rows, refused] = [0, 0]
  for (let run = 0; run < RUNS; run++) {
    const name = random.pick(Object.keys(tables))
    const columns = tables[name]!
    const keys = { simple: ['k'], wide: ['p', 'q', 'c', 'd'], brief: ['k'] }[name]!
    const some = columns.filter(([column]) => (keys.includes(column) ? random.next() > 0.03 : random.next() > 0.4))
    const isRead = random.next() < 0.5
    const isDeletion = !isRead && random.next() < 0.2
    const used = isRead || isDeletion ? columns.filter(([column]) => keys.includes(column) && random.next() > 0.05) : some
    const text = isRead
      ? `SELECT ${random.next() < 0.3 ? '*' : columns.filter(() => random.next() > 0.3).map(([column]) => column).join(', ') || 'count(*)'} FROM ${name} WHERE ${used.map(([column]) => `${column} = ?`).join(' AND ')}${random.pick(['', '', '', ' LIMIT 1', ' ALLOW FILTERING'])}`
      : isDeletion ? `DELETE FROM ${name} WHERE ${used.map(([column]) => `${column} = ?`).join(' AND ')}`
      : `INSERT INTO ${name} (${used.map(([column]) => column).join(', ')}) VALUES (${used.map(() => '?').join(', ')})${random.pick(['', '', '', ' USING TTL 500', ' IF NOT EXISTS'])}`
    if (used.length === 0) continue
    const values = used.map(([column, type]) => (random.next() < 0.04 ? null : random.next() < 0.04 && !isRead && !keys.includes(column) ? unset : valueOf(type, random)))
    // What a client dates, and what the server does, must not be mixed up by the order of the two.
    const timestamp = / IF /.test(text) ? {} : { timestamp: BigInt(run + 1) }
    const say = async (client: Client, prepare: boolean): Promise<unknown> => {
      try {
        const result = await client.execute(text, values, { prepare, ...timestamp, idempotent: false, rowMode: 'array', ...(!prepare && { types: used.map(([, type]) => type) }) })
        rows += result.rows.length
        return { rows: result.rows, columns: result.columns.map(({ name: column, type }) => [column, type]) }
      } catch (error) {
        if (!(error instanceof CqlError)) throw error
        refused++
        return error.message.replaceAll(/\b(one|two)\b/g, 'ks')
      }
    }
    expect(await say(one, true), text).toEqual(await say(two, false))
  }
  expect(rows).toBeGreaterThan(RUNS / 4)
  expect(refused).toBeGreaterThan(RUNS / 40)
}, 60_000)
