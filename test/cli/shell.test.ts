// The shell on the embedded server: as a session without a keyboard, as a command, and on a terminal.
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expandedRows, fittedTable, widthOf } from '../../src/cli/fitted-table.js'
import { completionsOf } from '../../src/cli/shell-completion.js'
import { ShellSession } from '../../src/cli/shell-session.js'
import { Client } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'

const SCHEMA = [
  "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", 'CREATE TABLE shop.items (id int PRIMARY KEY, name text, tags set<text>, price decimal)', 'CREATE TABLE shop."Odd One" (k int PRIMARY KEY, "V" int)',
  "INSERT INTO shop.items (id, name, tags, price) VALUES (1, 'Lamp; \"big\"', {'a', 'b'}, 12.50)", "INSERT INTO shop.items (id, name) VALUES (2, 'Räder 日本')",
]
const never = new AbortController().signal
let server: CqlServer
let client: Client
let folder: string
beforeAll(async () => {
  server = await CqlServer.start({ port: 0 })
  client = await Client.connect({ contactPoints: server.contactPoints })
  for (const statement of SCHEMA) await client.execute(statement)
  folder = mkdtempSync(join(tmpdir(), 'cqlwire-shell-'))
})
afterAll(async () => {
  await client?.close()
  await server?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('tables', () => {
  test('fit the terminal, whatever is in them', () => {
    expect(widthOf('a日é\u0301🎉')).toBe(1 + 2 + 1 + 2)
    const drawn = fittedTable(['id', 'text', 'other'], [[1, 'short', null], [22, '日本語 '.repeat(20), 'line\nbreak\u001b[31m']], 40)
    for (const line of drawn.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(40)
    expect(drawn).toContain('…')
    expect(drawn).not.toContain('\u001b')
    expect(fittedTable(['n'], [[1], [22]], undefined)).toBe(' n\n────\n  1\n 22'.replace(' n\n', '  n\n'))
  })

  test('expanded', () => {
    expect(expandedRows(['id', 'name'], [[1, 'x'], [2, null]], 1)).toBe('@ Row 1\n id   │ 1\n name │ x\n@ Row 2\n id   │ 2\n name │ null')
  })
})

describe('completion', () => {
  const complete = (text: string, keyspace: string | undefined = 'shop'): string[] => completionsOf(text, { keyspaces: client.cluster.keyspaces, keyspace })[0]
  test.each<[string, string[]]>([
    ['SEL', ['SELECT ']],
    ['select * from it', ['items']],
    ['SELECT * FROM shop.', ['shop."Odd One"', 'shop.items']],
    ['SELECT * FROM shop.it', ['shop.items']],
    ['USE sh', ['shop']],
    ['SELECT * FROM items WHERE na', ['name']],
    ['INSERT INTO items (id, pr', ['PRIMARY KEY ', 'price']],
    ['CONSISTENCY LOCAL_', ['LOCAL_ONE', 'LOCAL_QUORUM']],
    ['SERIAL CONSISTENCY L', ['LOCAL_SERIAL']],
    ['TRACING ', ['OFF', 'ON']],
    ['DESCRIBE TABLE items', ['items']],
    ['CREATE TABLE x (k timeu', ['timeuuid']],
    ['SELECT * FROM items WH', ['WHERE ']],
  ])('%s', (text, expected) => {
    expect(complete(text).filter((name) => !name.startsWith('system'))).toEqual(expected)
  })
})

describe('a session', () => {
  let session: ShellSession
  let shown: string
  let pages: number
  beforeEach(() => {
    shown = ''
    pages = 0
    session = new ShellSession(client, { write: (text) => { shown += text }, note: (text) => { shown += text }, width: 60, more: () => Promise.resolve(pages++ < 2), readFile: (path) => Promise.resolve(readFileSync(path, 'utf8')) }, { output: 'table', timing: false })
  })
  const say = async (text: string): Promise<string> => {
    shown = ''
    await session.run(text, never)
    return shown
  }

  test('rows as tables, JSON and CSV', async () => {
    await say('USE shop')
    expect(session.keyspace).toBe('shop')
    expect(await say('SELECT id, name, tags, price FROM items')).toBe([
      ' id │ name        │ tags   │ price', '────┼─────────────┼────────┼───────', '  1 │ Lamp; "big" │ {a, b} │ 12.50', '  2 │ Räder 日本  │ null   │ null', '', '(2 rows)', '',
    ].join('\n'))
    await say('OUTPUT json')
    expect((await say('SELECT id, name, tags, price FROM items')).trim().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([{ id: 1, name: 'Lamp; "big"', tags: ['a', 'b'], price: '12.50' }, { id: 2, name: 'Räder 日本', tags: null, price: null }])
    await say('OUTPUT CSV')
    expect(await say('SELECT id, name, price FROM items')).toBe('id,name,price\n1,"Lamp; ""big""",12.50\n2,Räder 日本,\n')
  })

  test('pages are asked for', async () => {
    await say('PAGING 1')
    await say('USE shop')
    pages = 1
    expect(await say('SELECT id FROM items')).toContain('(2 rows)')
    expect(pages).toBe(2)
    pages = 2
    expect(await say('SELECT id FROM items')).toContain('(1 row, more to come)')
    expect(await say('PAGING OFF')).toBe('Paging: off\n')
  })

  test('descriptions', async () => {
    expect(await say('DESCRIBE KEYSPACES')).toContain('shop\n')
    await say('USE shop')
    expect(await say('DESC TABLES')).toBe('shop\n  "Odd One"\n  items\n')
    for (const text of ['DESCRIBE TABLE items', 'DESCRIBE items', 'DESC shop.items']) expect(await say(text)).toMatch(/^CREATE TABLE shop\.items \(/)
    expect(await say('DESCRIBE "Odd One"')).toContain('"V" int')
    expect(await say('DESCRIBE KEYSPACE')).toMatch(/^CREATE KEYSPACE shop/)
    expect(await say('DESCRIBE shop')).toMatch(/^CREATE KEYSPACE shop/)
    expect(await say('DESCRIBE CLUSTER')).toContain('Murmur3Partitioner')
  })

  test('commands', async () => {
    expect(await say('CONSISTENCY')).toBe('Consistency: localQuorum (the default)\n')
    expect(await say('CONSISTENCY local_one;')).toBe('Consistency: localOne\n')
    expect(await say('serial consistency LOCAL_SERIAL')).toBe('Serial consistency: localSerial\n')
    expect(await say('TRACING ON')).toBe('Tracing: on\n')
    expect(await say('SELECT id FROM shop.items WHERE id = 1')).toMatch(/Trace [\da-f-]{36}: Execute CQL3 query on 127\.0\.0\.1, \d+ µs[\s\S]*Request complete/)
    expect(await say('TRACING')).toBe('Tracing: off\n')
    expect(await say('EXPAND')).toBe('Expand: on\n')
    expect(await say('SELECT id FROM shop.items WHERE id = 1')).toContain('@ Row 1\n id │ 1')
    expect(await say('TIMING ON')).toBe('Timing: on\n')
    expect(await say('SELECT id FROM shop.items')).toMatch(/\(2 rows, [\d.]+ ms\)/)
    expect(await say('HELP')).toContain('SOURCE')
    expect(await session.run('exit', never)).toBe('exit')
  })

  test('what is wrong is said, with its place', async () => {
    await expect(say('SELEC 1')).rejects.toThrow("line 1:0 mismatched input 'SELEC' expecting a statement\n  SELEC 1\n  ^")
    await expect(say('SELECT id\nFROM shop.items\nWHER id = 1')).rejects.toThrow(/line 3:0 .*\n {2}WHER id = 1\n {2}\^/)
    await expect(say('USE nowhere')).rejects.toThrow("There is no keyspace 'nowhere'")
    await expect(say('CONSISTENCY never')).rejects.toThrow('LOCAL_QUORUM')
    await expect(say('PAGING x')).rejects.toThrow('One of on, off')
    await expect(say('SOURCE x')).rejects.toThrow("SOURCE 'schema.cql'")
    await expect(say("SOURCE '/nowhere.cql'")).rejects.toThrow('/nowhere.cql cannot be read')
    const file = join(folder, 'wrong.cql')
    writeFileSync(file, 'SELECT id FROM shop.items;\n\nSELECT nope FROM shop.items;\nSELECT id FROM shop.items;')
    await expect(say(`SOURCE '${file}'`)).rejects.toThrow(`${file}, line 3: Undefined column name nope in table shop.items`)
  })

  test('a statement is cancelled', async () => {
    const controller = new AbortController()
    const remove = server.faults.add({ opcode: 'QUERY', matching: /system\.local/, delayMs: 5000 })
    const running = session.run('SELECT key FROM system.local', controller.signal)
    await sleep(50)
    controller.abort()
    await expect(running).rejects.toThrow('Cancelled')
    remove()
  })
})

describe('the command', () => {
  const command = 'dist/cli/main.node.js'
  const run = (...args: readonly string[]): Promise<{ stdout: string; stderr: string; code: number }> & { child: ChildProcess } => {
    const running = promisify(execFile)(process.execPath, [command, 'shell', '--contact-points', server.contactPoints[0]!, ...args])
    return Object.assign(running.then(({ stdout, stderr }) => ({ stdout, stderr, code: 0 }), (error: { stdout: string; stderr: string; code: number }) => error), { child: running.child })
  }

  test('runs what it is given', async () => {
    expect(existsSync(command), 'npm run build').toBe(true)
    expect((await run('--keyspace', 'shop', '--json', '-e', 'SELECT id FROM items; SELECT name FROM items WHERE id = 1')).stdout).toBe('{"id":1}\n{"id":2}\n{"name":"Lamp; \\"big\\""}\n')
    const file = join(folder, 'script.cql')
    writeFileSync(file, 'USE shop;\nBEGIN BATCH\n  INSERT INTO items (id) VALUES (9);\n  DELETE FROM items WHERE id = 9;\nAPPLY BATCH;\nSELECT count(*) FROM items')
    expect((await run('-f', file, '--csv')).stdout).toBe('count\n2\n')
    expect(await run('-e', 'SELECT nope FROM shop.items')).toMatchObject({ code: 1, stderr: 'the command line, line 1: Undefined column name nope in table shop.items\n' })
    expect((await run('--json', '--csv', '-e', 'x')).stderr).toContain('either --json or --csv')
    expect((await run('-f', '/nowhere')).stderr).toContain('/nowhere cannot be read')
    const piped = run('--csv')
    piped.child.stdin!.end('SELECT id FROM shop.items;')
    expect((await piped).stdout).toBe('id\n1\n2\n')
  })

  const tmux = spawnSync('tmux', ['-V']).status === 0
  test.skipIf(!tmux)('on a terminal: statements over several lines, completion, history, paging, Ctrl-C and Ctrl-D', async () => {
    const name = `cqlwire-${process.pid}`
    const history = join(folder, 'history')
    const keys = (...typed: readonly string[]): unknown => execFileSync('tmux', ['send-keys', '-t', name, ...typed.map((text) => text.replace(/;$/, '\\;'))])
    const screen = (): string => execFileSync('tmux', ['capture-pane', '-p', '-t', name], { encoding: 'utf8' })
    const see = (text: string | RegExp): Promise<void> => expect.poll(screen, { timeout: 10_000, interval: 50 }).toMatch(text)
    execFileSync('tmux', ['new-session', '-d', '-s', name, '-x', '70', '-y', '30', `CQLWIRE_HISTORY=${history} ${process.execPath} ${command} shell --contact-points ${server.contactPoints[0]!}`])
    try {
      await see('cql>')
      keys('USE shop;', 'Enter')
      await see('shop>')
      keys('SELECT id, name', 'Enter')
      await see('...')
      // What comes in one piece is taken for pasted, where a tab is a tab.
      keys('FROM it')
      await see('FROM it')
      keys('Tab')
      await see('FROM items')
      keys(' WHERE id = 1;', 'Enter')
      await see(/Lamp; "big"[\s\S]*\(1 row/)
      keys('PAGING 1', 'Enter')
      await see('Paging: 1 rows')
      keys('SELECT id FROM items;', 'Enter')
      await see('Enter for more')
      keys('Enter')
      await see(/\(2 rows/)
      keys('SELECT half a statement', 'C-c')
      await see(/\^C\s+shop>/)
      keys('CLEAR', 'Enter')
      await see(/^shop>/)
      keys('Up')
      keys('Up', 'Enter')
      await see('Enter for more')
      keys('q', 'Enter')
      await see('more to come')
      const remove = server.faults.add({ opcode: 'QUERY', matching: /peers_v2/, delayMs: 60_000 })
      keys('SELECT * FROM system.peers_v2;', 'Enter')
      await sleep(300)
      keys('C-c')
      await see('Cancelled')
      remove()
      keys("CREATE ROLE x WITH PASSWORD = 'secret';", 'Enter')
      await see('CassandraRoleManager')
      for (const line of screen().split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(70)
      keys('C-d')
      await expect.poll(() => spawnSync('tmux', ['has-session', '-t', name]).status, { timeout: 10_000 }).not.toBe(0)
      const kept = readFileSync(history, 'utf8')
      expect(kept).toContain('SELECT id, name FROM items WHERE id = 1;\n')
      expect(kept).not.toContain('secret')
    } finally {
      spawnSync('tmux', ['kill-session', '-t', name])
    }
  }, 60_000)
})
