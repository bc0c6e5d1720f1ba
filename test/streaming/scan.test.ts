import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'
import { scan } from '../../src/streaming/index.js'

let server: CqlServer
let client: Client
beforeAll(async () => {
  server = await CqlServer.start({ port: 0 })
  client = await Client.connect({ contactPoints: server.contactPoints })
  await client.execute("CREATE KEYSPACE s WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  await client.execute('CREATE TABLE s.t (p int, c int, st text static, v text, PRIMARY KEY (p, c))')
  const insert = 'INSERT INTO s.t (p, c, v) VALUES (?, ?, ?)'
  const rows: [number, number][] = []
  for (let p = 0; p < 120; p++) for (let c = 0; c < (p % 40 === 0 ? 300 : 1 + (p % 5)); c++) rows.push([p, c])
  await Promise.all(rows.map(([p, c]) => client.execute(insert, [p, c, `${p}/${c}`])))
  await client.execute("INSERT INTO s.t (p, st) VALUES (1000, 'only static')")
  for (const [p, c] of rows) truth.add(`${p}/${c}`)
  truth.add('1000/null')
})
afterAll(async () => {
  await client.close()
  await server.close()
})

const truth = new Set<string>()
type Row = { readonly p: number; readonly c: number | null }
const keyOf = ({ p, c }: Row): string => `${p}/${c}`

describe('scan', () => {
  test('gives every row once, whatever the sizes', async () => {
    for (const options of [{}, { pageSize: 7, concurrency: 1 }, { pageSize: 1, prefetch: 3, concurrency: 8 }, { pageBytes: 100 }]) {
      const rows = await scan<Row>(client, 's.t', options).toArray()
      expect(rows.length).toBe(truth.size)
      expect(new Set(rows.map(keyOf))).toEqual(truth)
    }
  })

  test('columns, conditions and arrays', async () => {
    expect(await scan(client, 's.t', { columns: ['p', 'v'], where: 'c = ?', values: [250] }).map((row) => row['v']).toArray()).toEqual(expect.arrayContaining(['0/250', '40/250', '80/250']))
    expect((await scan(client, 's.t', { where: 'p = :p AND c < :c', values: { p: 40, c: 10 } }).toArray()).length).toBe(10)
    expect((await scan(client, 's.t', { where: 'token(p) > ? AND c = 0', values: [0n] }).toArray()).length).toBeGreaterThan(10)
    expect((await scan<unknown[]>(client, 's.t', { rowMode: 'array', columns: ['c', 'p'] }).first(1))[0]!.length).toBe(2)
  })

  test('what is wrong is named before anything is read', async () => {
    expect(() => scan(client, 's.t', { pagesize: 3 } as object)).toThrow(/Unknown option 'pagesize'/)
    expect(() => scan(client, 's.t', { prefetch: 0 })).toThrow(/'prefetch' must be a whole number from 1, not 0/)
    await expect(scan(client, 's.t', { columns: ['q'] }).toArray()).rejects.toThrow(/s\.t has no column 'q'; it has p, c, st, v/)
    await expect(scan(client, 's.t', { where: 'c = 1 LIMIT 3' }).toArray()).rejects.toThrow(/without LIMIT/)
    await expect(scan(client, 's.t', { where: 'c == 1' }).toArray()).rejects.toThrow(/no condition/)
    await expect(scan(client, 's.none').toArray()).rejects.toThrow(/no table s\.none/)
    await expect(scan(client, 'none').toArray()).rejects.toThrow(/write keyspace.table/)
    await expect(scan(client, 's.t', { checkpoint: 'x' }).toArray()).rejects.toThrow(/not the text that scan.checkpoint/)
  })

  test('stopped anywhere and begun again at its checkpoint, it gives every row exactly once', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 6 })), { minLength: 1, maxLength: 8 }), async (runs) => {
      const seen: string[] = []
      let checkpoint: string | undefined
      for (const [count, pageSize, concurrency] of runs) {
        const reading = scan<Row>(client, 's.t', { checkpoint, pageSize, concurrency })
        let left = count
        for await (const row of reading) {
          seen.push(keyOf(row))
          if (--left < 0) break
        }
        checkpoint = reading.checkpoint()
      }
      for await (const row of scan<Row>(client, 's.t', { checkpoint })) seen.push(keyOf(row))
      expect(seen.length).toBe(truth.size)
      expect(new Set(seen)).toEqual(truth)
    }), { numRuns: 40 })
  })
})
