// What the client does when a server is slow, dies, lies or refuses. Each script is one bad day.
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { Client, ConnectionError, NoNodeAvailableError, ProtocolError, QueueFullError, RequestTimeoutError, UnavailableError, WriteTimeoutError } from '../../src/client/index.js'
import type { ClientOptions } from '../../src/client/index.js'
import { errorCodes, errorMessage } from '../../src/protocol/index.js'
import { echo, rowsOf, ScriptedServer } from '../support/scripted-server.js'
import { clients, connect, eachWithScriptedServer, failure, server, useServer } from '../support/scripted-client.js'
import type { Script } from '../support/scripted-server.js'

eachWithScriptedServer()
const sleep = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })
const only = (type: string, then: Script): Script => (request, ...rest) => (request.type === type ? then(request, ...rest) : false)

test('the version goes down to what the server speaks', async () => {
  await server.close()
  useServer(await ScriptedServer.start(undefined, [3, 4]))
  expect((await connect()).stats().protocolVersion).toBe(4)
  await expect(connect({ protocolVersion: 5 })).rejects.toThrow(/does not speak protocol version 5/)
})

test('a late answer frees its stream and never reaches another request', async () => {
  const late: (() => void)[] = []
  server.script = only('EXECUTE', (request, streamId, connection) => {
    if (request.type !== 'EXECUTE') return false
    const values = request.parameters.values as Uint8Array[]
    const id = new DataView(values[0]!.buffer, values[0]!.byteOffset).getInt32(0)
    if (id !== 1) return false
    late.push(() => connection.reply(streamId, echo(1, true)))
    return true
  })
  const client = await connect()
  const error = await failure(client.execute('SELECT ?', [1], { timeoutMs: 50 }))
  expect(error).toBeInstanceOf(RequestTimeoutError)
  expect(error).toMatchObject({ timeoutMs: 50, outcome: 'retryable' })
  const [stats] = client.stats().nodes.values()
  expect(stats).toMatchObject({ inFlight: 0, orphans: 1 })
  expect((await client.execute('SELECT ?', [2])).one()).toEqual({ id: 2, v: 'value of 2' })
  late[0]!()
  await sleep(20)
  expect([...client.stats().nodes.values()][0]).toMatchObject({ inFlight: 0, orphans: 0 })
  expect((await client.execute('SELECT ?', [3])).one()).toEqual({ id: 3, v: 'value of 3' })
})

test('a time-out of a write that was sent is undetermined, of one that waited in the queue retryable', async () => {
  server.script = only('EXECUTE', () => true)
  const client = await connect({ maxInFlight: 1 })
  await client.prepare('INSERT ?')
  const [sent, queued] = await Promise.all([failure(client.execute('INSERT ?', [1], { timeoutMs: 60 })), failure(client.execute('INSERT ?', [2], { timeoutMs: 30 }))])
  expect([sent.outcome, queued.outcome]).toEqual(['undetermined', 'retryable'])
  expect(queued.message).toMatch(/every connection is full/)
})

test('an abort after sending is undetermined for a write; its cause is the reason', async () => {
  server.script = only('EXECUTE', () => true)
  const client = await connect()
  const controller = new AbortController()
  const pending = failure(client.execute('INSERT ?', [1], { signal: controller.signal }))
  await sleep(30)
  controller.abort('why')
  expect(await pending).toMatchObject({ name: 'AbortError', outcome: 'undetermined', cause: 'why' })
})

test('the queue is bounded and drains in order', async () => {
  const client = await connect({ maxInFlight: 2, maxQueue: 3 })
  await client.prepare('SELECT ?')
  const all = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => client.execute('SELECT ?', [i])))
  expect(all.map(({ status }) => status)).toEqual([...Array(5).fill('fulfilled'), ...Array(3).fill('rejected')])
  expect((all[7] as PromiseRejectedResult).reason).toBeInstanceOf(QueueFullError)
  expect(client.stats().queued).toBe(0)
})

test('requests that wait go on when those in their way are given up, and those that come later go behind them', async () => {
  const sent: number[] = []
  server.script = only('EXECUTE', (request) => {
    if (request.type !== 'EXECUTE') return false
    const values = request.parameters.values as Uint8Array[]
    const id = new DataView(values[0]!.buffer, values[0]!.byteOffset).getInt32(0)
    sent.push(id)
    return id < 2 // the first two are never answered
  })
  const client = await connect({ maxInFlight: 2 })
  await client.prepare('INSERT ?')
  const givenUp = [0, 1].map((id) => failure(client.execute('INSERT ?', [id], { timeoutMs: 60 })))
  const waiting = [2, 3, 4].map((id) => client.execute('INSERT ?', [id], { timeoutMs: 5000 }))
  await sleep(30)
  waiting.push(client.execute('INSERT ?', [5], { timeoutMs: 5000 }))
  for (const error of await Promise.all(givenUp)) expect(error).toBeInstanceOf(RequestTimeoutError)
  const started = performance.now()
  await Promise.all(waiting)
  expect(performance.now() - started).toBeLessThan(1000)
  expect(sent).toEqual([0, 1, 2, 3, 4, 5])
  expect(client.stats().queued).toBe(0)
})

test('a connection lost in mid-request: reads go on, writes are undetermined, the pool opens another', async () => {
  let kill = true
  server.script = only('EXECUTE', (_request, _streamId, connection) => {
    if (!kill) return false
    connection.socket.destroy()
    return true
  })
  const client = await connect({ policies: { reconnection: { delayMs: () => 10 } } })
  await client.prepare('INSERT ?')
  const error = await failure(client.execute('INSERT ?', [1]))
  expect(error).toBeInstanceOf(ConnectionError)
  expect(error.outcome).toBe('undetermined')
  const read = await failure(client.execute('SELECT ?', [1]))
  expect(read).toBeInstanceOf(NoNodeAvailableError)
  expect((read as NoNodeAvailableError).attempts.length).toBeGreaterThan(0)
  kill = false
  await expect.poll(() => client.execute('SELECT ?', [5]).then((result) => result.rows, () => undefined)).toEqual([{ id: 5, v: 'value of 5' }])
})

test('an idle connection that dies crashes nothing and is replaced', async () => {
  const client = await connect({ policies: { reconnection: { delayMs: () => 10 } } })
  const events: string[] = []
  client.on('nodeDown', () => events.push('down'))
  client.on('nodeUp', () => events.push('up'))
  for (const { socket } of server.connections.slice()) socket.resetAndDestroy()
  await expect.poll(() => events).toEqual(['down', 'up'])
  await client.execute('SELECT ?', [1])
})

test('a half-open connection is found by the heartbeat', async () => {
  let silent = false
  server.script = () => silent
  const client = await connect({ heartbeatMs: 100, policies: { reconnection: { delayMs: () => 10 } } })
  silent = true
  const pending = failure(client.execute('SELECT 1', [], { timeoutMs: 5000, attemptTimeoutMs: 5000, idempotent: false }))
  const error = await pending
  expect(error.message).toMatch(/has not answered a heartbeat/)
  silent = false
  await expect.poll(() => client.execute('SELECT 1').then(() => true, () => false)).toBe(true)
})

test('a server that accepts and says nothing: connecting ends in connectTimeoutMs', async () => {
  server.script = () => true
  const started = Date.now()
  await expect(connect({ connectTimeoutMs: 100 })).rejects.toThrow(/connectTimeoutMs \(100 ms\)/)
  expect(Date.now() - started).toBeLessThan(1500)
})

test('garbage from the server fails the connection with a ProtocolError, not the process', async () => {
  server.script = only('EXECUTE', (_request, _streamId, connection) => {
    connection.socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')
    return true
  })
  const client = await connect({ protocolVersion: 4 })
  await client.prepare('INSERT ?')
  const error = await failure(client.execute('INSERT ?', [1]))
  expect(error).toBeInstanceOf(ConnectionError)
  expect(error.cause).toBeInstanceOf(ProtocolError)
})

test('an answer on a stream that nobody uses closes the connection', async () => {
  server.script = only('EXECUTE', (_request, _streamId, connection) => {
    connection.reply(31_000, { type: 'RESULT', kind: 'VOID' })
    return true
  })
  const client = await connect()
  await client.prepare('INSERT ?')
  expect((await failure(client.execute('INSERT ?', [1]))).message).toMatch(/stream 31000/)
})

test('too many overdue answers replace the connection; what it still carries is finished', async () => {
  let hold = true
  server.script = only('EXECUTE', () => hold)
  const client = await connect()
  await client.prepare('SELECT ?')
  await Promise.allSettled(Array.from({ length: 1100 }, (_, i) => client.execute('SELECT ?', [i], { timeoutMs: 30 })))
  hold = false
  await expect.poll(() => client.execute('SELECT ?', [7]).then((result) => result.rows, () => undefined)).toEqual([{ id: 7, v: 'value of 7' }])
  await expect.poll(() => [...client.stats().nodes.values()][0]).toMatchObject({ connections: 1, opened: 2, orphans: 0 })
})

test('Unavailable goes to the next node once, then is told with its fields', async () => {
  server.script = only('EXECUTE', (_request, streamId, connection) => {
    connection.reply(streamId, errorMessage(errorCodes.UNAVAILABLE, 'Cannot achieve consistency level', { consistency: 'quorum', required: 2, alive: 1 }))
    return true
  })
  const client = await connect()
  const error = await failure(client.execute('SELECT ?', [1]))
  const unavailable = error
  expect(unavailable).toBeInstanceOf(UnavailableError)
  expect(unavailable).toMatchObject({ consistency: 'quorum', required: 2, alive: 1, outcome: 'retryable' })
})

test('a write that timed out is never sent twice unless it is idempotent, and then with the same timestamp', async () => {
  let sent = 0
  let writeType: 'SIMPLE' | 'BATCH_LOG' = 'SIMPLE'
  const timestamps: (bigint | undefined)[] = []
  server.script = only('EXECUTE', (request, streamId, connection) => {
    sent++
    timestamps.push((request as { parameters: { timestamp?: bigint } }).parameters.timestamp)
    if (sent > 1 && writeType === 'BATCH_LOG') return false
    connection.reply(streamId, errorMessage(errorCodes.WRITE_TIMEOUT, 'timed out', { consistency: 'one', received: 0, required: 1, writeType }))
    return true
  })
  const client = await connect()
  await client.prepare('INSERT ?')
  for (const [options, times] of [[{}, 1], [{ idempotent: true }, 2]] as const) {
    sent = 0
    expect(await failure(client.execute('INSERT ?', [1], options))).toBeInstanceOf(WriteTimeoutError)
    expect(sent).toBe(times)
  }
  sent = 0
  writeType = 'BATCH_LOG'
  expect(await failure(client.execute('INSERT ?', [1]))).toBeInstanceOf(WriteTimeoutError)
  expect(sent).toBe(1)
  sent = 0
  timestamps.length = 0
  await client.execute('INSERT ?', [1], { idempotent: true })
  expect(sent).toBe(2)
  expect(timestamps[0]).toBe(timestamps[1])
})

test('UNPREPARED: one PREPARE however many requests need it; an id that differs ends it', async () => {
  const known = new Set<number>()
  const client = await connect()
  await client.prepare('SELECT ?')
  let forget = true
  server.seen.clear()
  server.script = (request, streamId, connection) => {
    if (request.type === 'PREPARE') forget = false
    if (request.type !== 'EXECUTE' || !forget) return false
    known.add(streamId)
    connection.reply(streamId, errorMessage(errorCodes.UNPREPARED, 'unknown', { id: request.id }))
    return true
  }
  const results = await Promise.all(Array.from({ length: 100 }, (_, i) => client.execute('SELECT ?', [i])))
  expect(results.map((result) => result.one()['id'])).toEqual(Array.from({ length: 100 }, (_, i) => i))
  expect(server.seen.get('PREPARE')).toBe(1)
  server.script = (request, streamId, connection) => {
    if (request.type === 'EXECUTE') connection.reply(streamId, errorMessage(errorCodes.UNPREPARED, 'unknown', { id: request.id }))
    else if (request.type === 'PREPARE') connection.reply(streamId, { type: 'RESULT', kind: 'PREPARED', id: Uint8Array.of(66), resultMetadataId: Uint8Array.of(1), variables: { columns: [], partitionKey: [] }, result: { columnCount: 0 } })
    else return false
    return true
  }
  expect((await failure(client.execute('SELECT ?', [1]))).message).toMatch(/another id/)
})

test('a server that forgets again and again is given up after some tries', async () => {
  server.script = only('EXECUTE', (request, streamId, connection) => {
    connection.reply(streamId, errorMessage(errorCodes.UNPREPARED, 'unknown', { id: (request as { id: Uint8Array }).id }))
    return true
  })
  const client = await connect()
  expect((await failure(client.execute('SELECT ?', [1]))).name).toBe('UnpreparedError')
  expect(server.seen.get('PREPARE')).toBeLessThan(6)
})

test('changed result columns replace id and columns together', async () => {
  let changed = false
  const ids: number[][] = []
  server.script = only('EXECUTE', (request, streamId, connection) => {
    const { resultMetadataId } = request as { resultMetadataId: Uint8Array }
    ids.push([...resultMetadataId])
    if (!changed) return false
    const result = rowsOf([['id', { kind: 'int' }], ['v', { kind: 'text' }], ['w', { kind: 'int' }]], [[1, 'x', 9]]) as never as { metadata: object }
    connection.reply(streamId, { ...result, metadata: { ...result.metadata, ...(resultMetadataId[0] === 2 ? { columns: undefined } : { newMetadataId: Uint8Array.of(2) }) } } as never)
    return true
  })
  const client = await connect()
  expect((await client.execute('SELECT ?', [1])).one()).toEqual({ id: 1, v: 'value of 1' })
  changed = true
  expect((await client.execute('SELECT ?', [1])).one()).toEqual({ id: 1, v: 'x', w: 9 })
  expect((await client.execute('SELECT ?', [1])).one()).toEqual({ id: 1, v: 'x', w: 9 })
  expect(ids).toEqual([[1], [1], [2]])
})

test('a failed page tells where to go on; breaking off stops reading', async () => {
  let page = 0
  server.script = (request, streamId, connection) => {
    if (request.type !== 'QUERY' || !request.query.includes('pages')) return false
    page = request.parameters.pagingState?.[0] ?? 0
    if (page === 2) connection.reply(streamId, errorMessage(errorCodes.INVALID, 'no more'))
    else connection.reply(streamId, rowsOf([['n', { kind: 'int' }]], [[page]], Uint8Array.of(page + 1)))
    return true
  }
  const client = await connect()
  const rows: unknown[] = []
  const error = await failure((async () => { for await (const row of client.stream('SELECT pages')) rows.push(row) })())
  expect(rows).toEqual([{ n: 0 }, { n: 1 }])
  expect((error as { pageState?: Uint8Array }).pageState).toEqual(Uint8Array.of(2))
  for await (const row of client.stream('SELECT pages')) {
    expect(row).toEqual({ n: 0 })
    break
  }
  await sleep(20)
  expect(page).toBeLessThanOrEqual(1)
})

test('closing lets requests in flight finish, up to drainMs', async () => {
  const held: (() => void)[] = []
  server.script = only('EXECUTE', (_request, streamId, connection) => {
    held.push(() => connection.reply(streamId, echo(1, true)))
    return true
  })
  const client = await connect()
  await client.prepare('SELECT ?')
  const pending = client.execute('SELECT ?', [1])
  await sleep(20)
  const closing = client.close({ drainMs: 5000 })
  held[0]!()
  expect((await pending).one()).toEqual({ id: 1, v: 'value of 1' })
  await closing
  const second = await connect()
  const lost = failure(second.execute('SELECT ?', [1]))
  await expect.poll(() => held.length).toBe(2)
  const started = Date.now()
  await second.close({ drainMs: 50 })
  expect(Date.now() - started).toBeLessThan(1000)
  expect(await lost).toMatchObject({ code: 'CQL_CLOSED', outcome: 'undetermined' })
})

test('a new client connects at its first request, once for all, and again after a failure', async () => {
  const client = new Client({ contactPoints: server.contactPoints })
  clients.push(client)
  expect(server.connections).toHaveLength(0)
  await Promise.all(Array.from({ length: 10 }, (_, i) => client.execute('SELECT ?', [i])))
  expect(server.seen.get('STARTUP')).toBe(2)
  const lazy = new Client({ contactPoints: ['127.0.0.1:1'] })
  clients.push(lazy)
  expect(await failure(lazy.execute('SELECT 1'))).toBeInstanceOf(NoNodeAvailableError)
  expect(await failure(lazy.execute('SELECT ?', [1]))).toBeInstanceOf(NoNodeAvailableError)
})

test('what cannot be connected to is named: unknown host, refused connection, keyspace, data centre', async () => {
  const attempts = async (options: Partial<ClientOptions>): Promise<string> => (await failure(connect(options))).message
  expect(await attempts({ contactPoints: ['no-such-host.invalid'] })).toMatch(/The host 'no-such-host\.invalid' is unknown/)
  expect(await attempts({ contactPoints: ['127.0.0.1:1'] })).toMatch(/127\.0\.0\.1:1: .*connection refused \(ECONNREFUSED\)/)
  expect(await attempts({ localDataCenter: 'elsewhere' })).toMatch(/No node is in the data centre 'elsewhere'; the cluster has dc1/)
  server.script = (request, streamId, connection) => {
    if (request.type !== 'QUERY' || !request.query.startsWith('USE')) return false
    connection.reply(streamId, errorMessage(errorCodes.INVALID, "Keyspace 'nope' does not exist"))
    return true
  }
  const error = await failure(connect({ keyspace: 'nope' }))
  expect(error).toMatchObject({ name: 'InvalidQueryError', message: "Keyspace 'nope' does not exist" })
  expect(await connect({ contactPoints: ['127.0.0.1:1', ...server.contactPoints] })).toBeInstanceOf(Client)
})

test('an answer of the handshake that cannot be read fails the connection at once, not at its time-out', async () => {
  const listener = createServer((socket) => {
    socket.on('error', () => {})
    // SUPPORTED, on whatever stream was asked, of nine options that are not there.
    socket.on('data', (chunk) => socket.write(Buffer.from([0x80 | chunk[0]!, 0, chunk[2]!, chunk[3]!, 6, 0, 0, 0, 2, 0, 9])))
  })
  await new Promise<void>((resolve) => { listener.listen(0, '127.0.0.1', resolve) })
  const started = performance.now()
  await using client = new Client({ contactPoints: [`127.0.0.1:${(listener.address() as AddressInfo).port}`], connectTimeoutMs: 5000 })
  await expect(client.execute('SELECT 1')).rejects.toThrow(/Truncated message|None of the contact points/)
  expect(performance.now() - started).toBeLessThan(2000)
  await client.close()
  listener.close()
})
