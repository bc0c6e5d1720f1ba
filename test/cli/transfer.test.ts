// load, unload, copy and count as their users type them, in processes of their own. They run what `npm run build` has made.
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = `${root}dist/cli/main.node.js`
let server: CqlServer
let client: Client
let dir: string
const at = (name: string): string => join(dir, name)
interface Done { readonly code: number; readonly stdout: string; readonly stderr: string }
const run = (...args: readonly string[]): Promise<Done> =>
  promisify(execFile)(process.execPath, [bin, ...args, '--contact-points', server.contactPoints[0]!], { cwd: dir, maxBuffer: 1 << 26 }).then((done) => ({ code: 0, ...done }), (error: unknown) => error as Done)

const everything = {
  id: 'int PRIMARY KEY', a: 'ascii', bi: 'bigint', bl: 'blob', bo: 'boolean', da: 'date', de: 'decimal', dou: 'double', du: 'duration', fl: 'float', i: 'inet', si: 'smallint', te: 'text', ti: 'time', ts: 'timestamp',
  tu: 'timeuuid', tin: 'tinyint', u: 'uuid', vi: 'varint', li: 'list<bigint>', se: 'set<text>', ma: 'map<bigint, frozen<list<blob>>>', tup: 'tuple<int, text, double>', ud: 'person', ve: 'vector<float, 3>', nested: 'map<text, frozen<map<date, frozen<set<decimal>>>>>',
}
/** Values as CQL literals: row by row, those that are most likely to be lost on the way. */
const rows = [
  `1, 'plain', 9223372036854775807, 0x00ff10, true, '2024-02-29', 12345678901234567890.0123456789, 0.1, 1y2mo3d4h5m6s7ms8us9ns, 1.5, '127.0.0.1', -32768, 'comma, "quote" and
new line', '12:34:56.123456789', '2024-02-29T12:34:56.789Z', 13814000-1dd2-11b2-8080-808080808080, -128, ffffffff-ffff-4fff-bfff-ffffffffffff, 123456789012345678901234567890, [1, -9223372036854775808], {'', 'a', 'Grüße 🌍'}, {5: [0x01, 0x]}, (1, 'x', 2.5), {name: 'Ada', tags: ['a', 'b']}, [1, 2.5, -3], {'k': {'2024-01-01': {1.10, 2}}}`,
  `2, '', -1, 0x, false, '0001-01-01', 0, 1e308, 0s, -0.5, '::1', 0, '', '00:00:00', '1969-12-31T23:59:59.999Z', 13814000-1dd2-11b2-8080-808080808080, 0, 00000000-0000-0000-0000-000000000000, 0, [], {}, {}, (null, null, null), {name: null, tags: null}, [0, 0, 0], {}`,
  `3${', null'.repeat(25)}`,
]

beforeAll(async () => {
  if (!existsSync(bin)) throw new Error('Run `npm run build` first')
  server = await CqlServer.start({ port: 0 })
  client = await Client.connect({ contactPoints: server.contactPoints })
  dir = mkdtempSync(join(tmpdir(), 'cqlwire-transfer-'))
  await client.execute("CREATE KEYSPACE x WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  await client.execute('CREATE TYPE x.person (name text, tags frozen<list<text>>)')
  for (const name of ['every', 'other']) await client.execute(`CREATE TABLE x.${name} (${Object.entries(everything).map(([column, type]) => `${column} ${type === 'person' ? 'frozen<x.person>' : type}`).join(', ')})`)
  for (const row of rows) await client.execute(`INSERT INTO x.every (${Object.keys(everything).join(', ')}) VALUES (${row})`)
  await client.execute('CREATE TABLE x.wide (p int, c int, s text static, v text, w int, PRIMARY KEY (p, c))')
  await client.execute('CREATE TABLE x.wide2 (p int, c int, s text static, v text, w int, PRIMARY KEY (p, c))')
})
afterAll(async () => {
  await client.close()
  await server.close()
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(async () => {
  for (const name of ['other', 'wide', 'wide2']) await client.execute(`TRUNCATE x.${name}`)
})

const contents = async (table: string): Promise<unknown[]> => (await client.execute<{ id: number }>(`SELECT * FROM ${table}`, [], { autoPage: true })).rows.toSorted((a, b) => a.id - b.id)

async function fillWide(count: number, table = 'x.wide'): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, i) => client.execute(`INSERT INTO ${table} (p, c, s, v, w) VALUES (?, ?, ?, ?, ?)`, [Math.floor(i / 50), i % 50, `s${Math.floor(i / 50)}`, `v${i}`, i])))
}

describe('unload and load', () => {
  test.each(['rows.csv', 'rows.jsonl', 'rows.csv.gz', 'rows.jsonl.gz', 'rows.parquet', 'rows.arrow'])('%s: every type comes back as it was', async (file) => {
    const out = await run('unload', 'x.every', file, '--json')
    expect(JSON.parse(out.stdout)).toMatchObject({ table: 'x.every', rows: 3, bytes: statSync(at(file)).size })
    const back = await run('load', 'x.other', file, '--json')
    expect(back.stderr).toBe('')
    expect(JSON.parse(back.stdout)).toMatchObject({ written: 3, failed: 0, complete: true })
    expect(await contents('x.other')).toEqual(await contents('x.every'))
  })

  test('JSON Lines are what client.json writes', async () => {
    const { stdout } = await run('unload', 'x.every', '-', '--format', 'jsonl', '--quiet')
    const own = JSON.parse(new TextDecoder().decode(await client.json('SELECT * FROM x.every'))) as { id: number }[]
    const lines = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { id: number })
    expect(lines.toSorted((a, b) => a.id - b.id)).toEqual(own.toSorted((a, b) => a.id - b.id))
  })

  test('columns, conditions, another delimiter, no first line, standard input', async () => {
    await fillWide(100)
    const { stdout } = await run('unload', 'x.wide', '--columns', 'c, p,v', '--where', 'c = 3', '--delimiter', ';', '--quiet')
    expect(stdout.trimEnd().split('\n').toSorted()).toEqual(['3;0;v3', '3;1;v53', 'c;p;v'])
    writeFileSync(at('bare.csv'), '7;8;nine\n')
    const child = spawn(process.execPath, [bin, 'load', 'x.wide2', '--columns', 'p,c,v', '--delimiter', ';', '--json', '--contact-points', server.contactPoints[0]!], { cwd: dir })
    child.stdin.end(readFileSync(at('bare.csv')))
    expect(await new Promise((resolve) => { child.once('exit', resolve) })).toBe(0)
    expect((await client.execute('SELECT p, c, v, w FROM x.wide2')).rows).toEqual([{ p: 7, c: 8, v: 'nine', w: null }])
    expect((await run('unload', 'x.wide2', 'empty.csv', '--where', 'p = 1 AND c = 1', '--quiet')).code).toBe(0)
    expect(readFileSync(at('empty.csv'), 'utf8')).toBe('p,c,s,v,w\n')
  })

  test('records that do not fit are in the bad file with line and reason; the others are in the table', async () => {
    writeFileSync(at('bad.csv'), 'p,c,v,w\n1,1,fine,1\nx,2,"no key",2\n1,3,"two\nlines",3\n1,4,too,many,fields\n1,5,late,12345678901\n1,,"no c",6\n1,7,"fine ""too""",\n')
    const { code, stdout, stderr } = await run('load', 'x.wide', 'bad.csv', '--bad', 'refused.jsonl', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ written: 3, failed: 4, bad: 'refused.jsonl', complete: true })
    expect(stderr).toMatch(/4 records were not written: refused\.jsonl/)
    const refused = readFileSync(at('refused.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as { line: number; reason: string; text: string }).toSorted((a, b) => a.line - b.line)
    expect(refused.map(({ line }) => line)).toEqual([3, 6, 7, 8])
    expect(refused.map(({ reason }) => reason)).toEqual([expect.stringMatching(/Parameter 1 'p' of type int/), expect.stringMatching(/Invalid Record Length|columns length/i), expect.stringMatching(/Parameter 4 'w' of type int/), expect.stringMatching(/'c' is null, and is part of the primary key/)])
    expect(refused[0]!.text).toBe('x,2,"no key",2')
    expect((await client.execute<{ c: number }>('SELECT c, v, w FROM x.wide')).rows).toEqual([{ c: 1, v: 'fine', w: 1 }, { c: 3, v: 'two\nlines', w: 3 }, { c: 7, v: 'fine "too"', w: null }])
    writeFileSync(at('bad.jsonl'), '{"p":1,"c":20,"v":"fine"}\n{"p":1,\n\n[1]\n{"p":1,"c":21,"nope":1}\n{"p":1,"c":22,"v":"fine"}\n')
    const lines = await run('load', 'x.wide2', 'bad.jsonl', '--json')
    expect(JSON.parse(lines.stdout)).toMatchObject({ written: 2, failed: 3, bad: 'load-bad.jsonl' })
    expect(readFileSync(at('load-bad.jsonl'), 'utf8').trimEnd().split('\n').map((line) => (JSON.parse(line) as { line: number }).line).toSorted()).toEqual([2, 4, 5])
  })

  test('the error budget: it gives up, says so, and with --dry-run writes nothing', async () => {
    writeFileSync(at('many.csv'), `p,c\n${Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? `x,${i}` : `1,${i}`)).join('\n')}\n`)
    const gaveUp = await run('load', 'x.wide', 'many.csv', '--max-errors', '10')
    expect(gaveUp.code).toBe(1)
    expect(gaveUp.stderr).toMatch(/Given up: .* Raise --max-errors/)
    await client.execute('TRUNCATE x.wide')
    const tried = await run('load', 'x.wide', 'many.csv', '--dry-run', '--json')
    expect(JSON.parse(tried.stdout)).toMatchObject({ written: 2000, failed: 1000 })
    expect((await client.execute('SELECT * FROM x.wide')).rows).toEqual([])
  })

  test('null leaves alone what is there, or deletes it', async () => {
    await client.execute("INSERT INTO x.wide (p, c, v, w) VALUES (1, 1, 'old', 5)")
    writeFileSync(at('null.csv'), 'p,c,v,w\n1,1,,6\n')
    await run('load', 'x.wide', 'null.csv', '--quiet')
    expect((await client.execute('SELECT v, w FROM x.wide')).rows).toEqual([{ v: 'old', w: 6 }])
    await run('load', 'x.wide', 'null.csv', '--quiet', '--nulls', 'write')
    expect((await client.execute('SELECT v, w FROM x.wide')).rows).toEqual([{ v: null, w: 6 }])
  })

  test('--preserve keeps write times and TTLs of each column, and partitions of static columns alone', async () => {
    await client.execute("INSERT INTO x.wide (p, c, v) VALUES (1, 1, 'a') USING TIMESTAMP 1000 AND TTL 5000")
    await client.execute('UPDATE x.wide USING TIMESTAMP 2000 SET w = 7 WHERE p = 1 AND c = 1')
    await client.execute("UPDATE x.wide USING TIMESTAMP 3000 SET s = 'only' WHERE p = 2")
    const query = (table: string): string => `SELECT p, c, s, v, w, writetime(s) AS ts, writetime(v) AS tv, writetime(w) AS tw, ttl(w) AS lw FROM ${table}`
    const before = (await client.execute(query('x.wide'))).rows
    for (const file of ['kept.csv', 'kept.jsonl']) {
      await client.execute('TRUNCATE x.wide2')
      expect((await run('unload', 'x.wide', file, '--preserve', '--quiet')).stderr).toBe('')
      expect((await run('load', 'x.wide2', file, '--preserve', '--quiet')).stderr).toBe('')
      expect((await client.execute(query('x.wide2'))).rows).toEqual(before)
      expect((await client.execute<{ t: number }>('SELECT ttl(v) AS t FROM x.wide2 WHERE p = 1')).one().t).toBeGreaterThan(4000)
    }
    await client.execute('TRUNCATE x.wide2')
    expect((await run('copy', 'x.wide', 'x.wide2', '--preserve', '--quiet')).stderr).toBe('')
    expect((await client.execute(query('x.wide2'))).rows).toEqual(before)
    expect((await run('unload', 'x.every', '-', '--preserve')).stderr).toMatch(/cannot keep the write times of 'li'/)
  })

  test('killed again and again, unload goes on at its checkpoint, and the file has every row once', async () => {
    await fillWide(4000)
    for (const file of ['killed.csv', 'killed.jsonl.gz']) {
      const args = ['unload', 'x.wide', file, '--checkpoint', `${file}.at`, '--checkpoint-every', '5', '--page-size', '10', '--concurrency', '1', '--quiet']
      for (let kills = 0; kills < 4; kills++) {
        const child = spawn(process.execPath, [bin, ...args, '--contact-points', server.contactPoints[0]!], { cwd: dir })
        const exit = new Promise((resolve) => { child.once('exit', resolve) })
        setTimeout(() => child.kill('SIGKILL'), 250 + kills * 60)
        await exit
      }
      expect(existsSync(at(`${file}.at`))).toBe(true)
      expect((await run(...args)).code).toBe(0)
      const text = file.endsWith('.gz') ? gunzipSync(readFileSync(at(file))).toString() : readFileSync(at(file), 'utf8')
      const lines = text.trimEnd().split('\n')
      expect(lines.length - (file.endsWith('.csv') ? 1 : 0)).toBe(4000)
      expect(new Set(lines).size).toBe(lines.length)
    }
  })

  test('load and copy go on where they were, and count agrees', async () => {
    await fillWide(3000)
    await run('unload', 'x.wide', 'all.csv', '--quiet')
    writeFileSync(at('load.at'), '{"records":2900}')
    expect(JSON.parse((await run('load', 'x.wide2', 'all.csv', '--checkpoint', 'load.at', '--json')).stdout)).toMatchObject({ written: 100 })
    expect(JSON.parse(readFileSync(at('load.at'), 'utf8'))).toEqual({ records: 3000 })
    expect((await run('count', 'x.wide2')).stdout).toBe('100\n')
    expect(JSON.parse((await run('copy', 'x.wide', 'x.wide2', '--checkpoint', 'copy.at', '--json')).stdout)).toMatchObject({ written: 3000, failed: 0 })
    expect(JSON.parse((await run('copy', 'x.wide', 'x.wide2', '--checkpoint', 'copy.at', '--json')).stdout)).toMatchObject({ written: 0 })
    expect(JSON.parse((await run('count', 'x.wide2', '--json')).stdout)).toMatchObject({ rows: 3000 })
    expect((await run('count', 'x.wide2', '--where', 'c = 1')).stdout).toBe('60\n')
  })

  test('mistakes are explained before anything is done', async () => {
    expect((await run('load', 'x.wide', 'none.csv')).stderr).toBe('There is no file none.csv\n')
    expect((await run('load', 'x.wide', 'rows.txt')).stderr).toMatch(/no file rows\.txt/)
    writeFileSync(at('wrong.csv'), 'p,c,q\n1,2,3\n')
    expect((await run('load', 'x.wide', 'wrong.csv')).stderr).toMatch(/x\.wide has no column 'q'; it has p, c, s, v, w/)
    expect((await run('unload', 'x.wide', 'out.xml')).stderr).toMatch(/say what it holds with --format/)
    expect((await run('unload', 'x.wide', 'out.parquet', '--checkpoint', 'x.at')).stderr).toMatch(/--checkpoint goes with csv and jsonl/)
    expect((await run('unload', 'x.none')).stderr).toMatch(/no table x\.none/)
    expect((await run('unload', 'x.wide', 'o.csv', '--concurrency', 'many')).stderr).toMatch(/--concurrency must be a whole number/)
    expect((await run('copy', 'x.wide')).stderr).toMatch(/Name another table/)
    expect((await run('copy', 'x.every', 'x.wide')).stderr).toMatch(/x\.wide has no column 'id'/)
    writeFileSync(at('broken.at'), '{}')
    expect((await run('load', 'x.wide', 'wrong.csv', '--checkpoint', 'broken.at')).stderr).toMatch(/broken\.at is no checkpoint/)
    writeFileSync(at('broken.at'), '{"rec')
    expect((await run('load', 'x.wide', 'wrong.csv', '--checkpoint', 'broken.at')).stderr).toBe('broken.at is no checkpoint of load: remove it to begin anew\n')
    for (const command of ['load', 'unload', 'copy', 'count']) {
      expect((await run(command, '--help')).stdout).toMatch(/^Usage: cqlwire/)
      expect((await run(command)).code).toBe(2)
    }
  })
})
