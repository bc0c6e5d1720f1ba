import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ByteWriter } from '../../src/base/index.js'
import { Client, InvalidQueryError } from '../../src/client/index.js'
import { decodeMessage, encodeMessage, FrameDecoder } from '../../src/protocol/index.js'
import type { Message, RequestMessage } from '../../src/protocol/index.js'
import { CqlServer } from '../../src/server/index.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const MIB = 1024 * 1024
const ROWS = 16
const CYCLES = Number(process.env['CQLWIRE_SERVER_CYCLES'] ?? 250)

let server: CqlServer
beforeAll(async () => {
  server = await CqlServer.start({ port: 0 })
  await using client = await Client.connect({ contactPoints: server.contactPoints })
  await client.execute("CREATE KEYSPACE app WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  await client.execute('CREATE TABLE app.t (k int PRIMARY KEY, v blob)')
  for (let k = 0; k < ROWS; k++) await client.execute('INSERT INTO app.t (k, v) VALUES (?, ?)', [k, new Uint8Array(MIB / ROWS)], { prepare: true })
})
afterAll(() => server.close())

/** Somebody else is still served. */
async function expectServing(): Promise<void> {
  await using client = await Client.connect({ contactPoints: server.contactPoints, keyspace: 'app' })
  expect((await client.execute('SELECT count(*) AS n FROM t')).one()['n']).toBe(BigInt(ROWS))
}

const startup: RequestMessage = { type: 'STARTUP', options: new Map([['CQL_VERSION', '3.0.0']]) }
const all: RequestMessage = { type: 'QUERY', query: 'SELECT * FROM app.t', parameters: { consistency: 'one' } }

function frameOf(message: RequestMessage, streamId: number): Uint8Array {
  const writer = new ByteWriter()
  encodeMessage(writer, message, 4, streamId)
  return writer.written().slice()
}

async function open(): Promise<Socket> {
  const socket = connectTcp(server.port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Reads answers of version 4 from now on. */
function answersOf(socket: Socket): { streamId: number; message: Message }[] {
  const answers: { streamId: number; message: Message }[] = []
  const decoder = new FrameDecoder({ from: 'server' })
  socket.on('data', (chunk: Uint8Array) => decoder.push(chunk, (header, body) => answers.push({ streamId: header.streamId, message: decodeMessage(header, body).message })))
  return answers
}

function memory(): number {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

test('a handshake that comes byte by byte is answered', async () => {
  const socket = await open()
  const answers = answersOf(socket)
  for (const byte of frameOf(startup, 7)) {
    socket.write(Uint8Array.of(byte))
    await sleep(1)
  }
  await expect.poll(() => answers).toMatchObject([{ streamId: 7, message: { type: 'READY' } }])
  socket.destroy()
})

test('5,000 connections that say nothing: the next client is served', async () => {
  const sockets: Socket[] = []
  for (let i = 0; i < 50; i++) sockets.push(...(await Promise.all(Array.from({ length: 100 }, open))))
  await expect.poll(() => server.connections).toBe(5000)
  await expectServing()
  for (const socket of sockets) socket.destroy()
  await expect.poll(() => server.connections, { timeout: 20_000 }).toBe(0)
}, 60_000)

test('frames that are announced and do not come take no memory; larger ones than allowed end the connection', async () => {
  const before = memory()
  const sockets = await Promise.all(Array.from({ length: 200 }, open))
  for (const socket of sockets) socket.write(Uint8Array.of(4, 0, 0, 1, 7, 0, 0xff, 0xff, 0xff)) // 16 MiB
  await sleep(100)
  expect(memory() - before).toBeLessThan(20 * MIB)
  await expectServing()
  for (const socket of sockets) socket.destroy()

  const socket = await open()
  const answers = answersOf(socket)
  const closed = once(socket, 'close')
  socket.write(Uint8Array.of(4, 0, 0, 1, 7, 0x7f, 0xff, 0xff, 0xff)) // 2 GiB
  await closed
  expect(answers).toMatchObject([{ message: { type: 'ERROR' } }])
})

test('a client that asks and does not read: others are served, memory is bounded', async () => {
  const before = memory()
  const socket = await open()
  socket.pause()
  socket.write(frameOf(startup, 0))
  // 20 GB of answers
  const requests = new Uint8Array(20_000 * frameOf(all, 0).length)
  for (let i = 0; i < 20_000; i++) requests.set(frameOf(all, i), i * frameOf(all, 0).length)
  socket.write(requests)
  await sleep(300)
  await expectServing()
  expect(memory() - before - requests.length).toBeLessThan(40 * MIB)
  socket.destroy()
})

test('a client that reads late gets every answer, in order', async () => {
  const socket = await open()
  socket.pause()
  socket.write(frameOf(startup, 0))
  for (let i = 1; i <= 200; i++) {
    socket.write(frameOf(all, i))
    if (i % 50 === 0) await sleep(20) // some come while others wait
  }
  await sleep(100)
  const answers = answersOf(socket)
  socket.resume()
  await expect.poll(() => answers.length, { timeout: 20_000 }).toBe(201)
  expect(answers.map(({ streamId }) => streamId)).toEqual(Array.from({ length: 201 }, (_, i) => i))
  expect(answers.slice(1).every(({ message }) => message.type === 'RESULT' && message.kind === 'ROWS')).toBe(true)
  socket.destroy()
}, 30_000)

test('statements prepared without end: the oldest ones go, the memory stays', async () => {
  await using client = await Client.connect({ contactPoints: server.contactPoints, keyspace: 'app' })
  const first = server.database.prepare('SELECT v FROM t WHERE k = ? AND k = 0', 'app')
  const before = memory()
  for (let i = 0; i < 40_000; i++) server.database.prepare(`SELECT v FROM t WHERE k = ? LIMIT ${i + 1}`, 'app')
  const grown = memory() - before
  expect(grown).toBeLessThan(120 * MIB)
  for (let i = 0; i < 25; i++) server.database.prepare(`SELECT v FROM t WHERE k IN (${Array.from({ length: 100_000 }, (_, at) => at + i).join(', ')})`, 'app')
  expect(memory() - before).toBeLessThan(500 * MIB)
  expect(server.database.prepared.textOf(first.id)).toBe('')
  await expect(client.execute(`SELECT v FROM t WHERE k IN (?, ${'1, '.repeat(400_000)} 2)`, [1], { prepare: true })).rejects.toThrow(InvalidQueryError)
}, 120_000)

test.each([
  ['terms', `SELECT * FROM t WHERE k = ${'('.repeat(100_000)}1${')'.repeat(100_000)}`],
  ['lists', `INSERT INTO t (k, v) VALUES (1, ${'['.repeat(100_000)}${']'.repeat(100_000)})`],
  ['functions', `SELECT ${'abs('.repeat(100_000)}k${')'.repeat(100_000)} FROM t`],
  ['types', `CREATE TABLE deep (k int PRIMARY KEY, v ${'frozen<list<'.repeat(50_000)}int${'>>'.repeat(50_000)})`],
  ['types of casts', `SELECT (${'list<'.repeat(50_000)}int${'>'.repeat(50_000)}) k FROM t`],
  ['JSON', `INSERT INTO t JSON '${'['.repeat(100_000)}'`],
  ['minus signs', `SELECT * FROM t WHERE k = ${'- '.repeat(100_000)}1`],
])('%s within each other, 100,000 deep, are refused', async (_, text) => {
  await using client = await Client.connect({ contactPoints: server.contactPoints, keyspace: 'app' })
  await expect(client.execute(text)).rejects.toMatchObject({ name: expect.stringMatching(/^(SyntaxError|CqlSyntaxError|InvalidQueryError)$/) })
})

test(`${CYCLES} servers made, used and closed leave nothing`, async () => {
  const cycle = async (): Promise<void> => {
    await using own = await CqlServer.start({ port: 0 })
    await using client = await Client.connect({ contactPoints: own.contactPoints })
    expect((await client.execute('SELECT key FROM system.local')).one()).toEqual({ key: 'local' })
  }
  for (let i = 0; i < 50; i++) await cycle()
  const before = memory()
  const handles = process.getActiveResourcesInfo().length
  for (let i = 0; i < CYCLES; i++) await cycle()
  // The platform takes its time to let go of the last sockets, and of their buffers.
  await expect.poll(() => process.getActiveResourcesInfo().length, { timeout: 10_000 }).toBeLessThanOrEqual(handles + 2)
  await expect.poll(() => memory() - before, { timeout: 10_000, interval: 200 }).toBeLessThan(2 * MIB)
}, 120_000)
