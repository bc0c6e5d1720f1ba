import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { isCqlError, OptionError } from '../../src/base/index.js'
import { Client } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'
import { ClientFuzzer, fuzzServer, replayServer } from '../../src/testing/index.js'

describe('a server under changed messages', () => {
  test.each([3, 4, 5] as const)('our own keeps to the protocol, version %i', async (protocolVersion) => {
    await using server = await CqlServer.start({ port: 0 })
    const progress: number[] = []
    const report = await fuzzServer({ target: server.contactPoints[0]!, protocolVersion, connections: 400, seconds: 20, hangMs: 5000, seed: protocolVersion, onProgress: ({ connections }) => progress.push(connections) })
    expect(report.findings).toEqual([])
    expect(report.connections).toBe(400)
    expect(report.messages).toBeGreaterThan(1000)
    expect(progress.length).toBeGreaterThan(0)
    // It has come past the framing, and into all parts.
    for (const answer of ['ERROR PROTOCOL_ERROR', 'ERROR SYNTAX_ERROR', 'ERROR UNPREPARED', 'RESULT ROWS', 'RESULT VOID', 'SUPPORTED']) expect(report.answers[answer], answer).toBeGreaterThan(0)
    expect(report.answers['ERROR SERVER_ERROR'], 'an error that nobody has thought of').toBeUndefined()
    await using client = await Client.connect({ contactPoints: server.contactPoints })
    expect(client.cluster.keyspaces.has('cqlwire_fuzz')).toBe(false)
  })

  /** Stands before a server, and does something to some of its connections: each is told its number, from 1, and says whether it may pass. */
  async function faulty(harm: (socket: Socket, number: number) => boolean): Promise<{ target: string; close(): Promise<void> }> {
    const server = await CqlServer.start({ port: 0 })
    let count = 0
    const sockets = new Set<Socket>()
    const proxy = createServer((socket) => {
      sockets.add(socket.on('error', () => {}))
      if (!harm(socket, ++count)) return
      const upstream = connect(server.port, '127.0.0.1').on('error', () => socket.destroy())
      sockets.add(upstream)
      socket.on('close', () => upstream.destroy()).pipe(upstream)
      upstream.on('close', () => socket.destroy()).pipe(socket)
    })
    await new Promise<void>((resolve) => { proxy.listen(0, '127.0.0.1', resolve) })
    return {
      target: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      close: async () => {
        for (const socket of sockets) socket.destroy()
        await new Promise((resolve) => { proxy.close(resolve) })
        await server.close()
      },
    }
  }

  test('bytes that are no CQL, an answer to nobody and silence are found, with what led to them', async () => {
    const garbage = await faulty((socket, number) => {
      if (number === 10) socket.write('HTTP/1.1 500 Internal Server Error\r\n')
      return true
    })
    const found = await fuzzServer({ target: garbage.target, protocolVersion: 4, connections: 60, seconds: 10, hangMs: 500 })
    await garbage.close()
    expect(found.findings.map(({ kind }) => kind)).toContain('violation')
    expect(found.findings[0]!.explanation).toMatch(/cannot be read|on which nothing was asked/)

    const silent = await faulty((_, number) => number <= 8)
    const hung = await fuzzServer({ target: silent.target, protocolVersion: 4, connections: 30, seconds: 10, hangMs: 300 })
    await silent.close()
    expect(hung.findings.map(({ kind }) => kind)).toContain('hang')
    expect(hung.findings.every(({ writes }) => writes.length > 0)).toBe(true)
  })

  test('a server that goes away is found, and a finding can be run again', async () => {
    const server = await CqlServer.start({ port: 0 })
    const target = server.contactPoints[0]!
    let closed = false
    const report = await fuzzServer({ target, connections: 500, seconds: 20, hangMs: 1000, onProgress: () => { if (!closed) void server.close(); closed = true } })
    expect(report.findings.at(-1)).toMatchObject({ kind: 'crash', explanation: expect.stringContaining('Nobody listens') })
    const again = await CqlServer.start({ port: server.port })
    expect(await replayServer(target, { ...report.findings.at(-1)!, kind: 'crash' })).toBeUndefined()
    await again.close()
    await expect(replayServer(target, report.findings.at(-1)!)).rejects.toThrow('ECONNREFUSED')
  })

  test.each(['db.example.com:9042', '10.0.0.1:9042', '127.0.0.1', '1270.0.1:9042', ''])('only this machine: %s is refused', async (target) => {
    await expect(fuzzServer({ target })).rejects.toThrow(OptionError)
  })
})

describe('a client under changed answers', () => {
  test('ours: every request settles in time, by a result or an error of ours, and close leaves nothing', async () => {
    await using fuzzer = await ClientFuzzer.start({ seed: 5, setup: ["CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", 'CREATE TABLE k.t (id int PRIMARY KEY, l list<text>)', "INSERT INTO k.t (id, l) VALUES (1, ['a', 'b'])"] })
    const codes = new Map<string, number>()
    for (let round = 0; round < 40; round++) {
      const client = new Client({ contactPoints: [fuzzer.address], timeoutMs: 800, attemptTimeoutMs: 300, connectTimeoutMs: 500, protocolVersion: ([3, 4, 5] as const)[round % 3]!, ...(round % 2 === 0 && { compression: 'lz4' }) })
      for (let i = 0; i < 12; i++) {
        const started = performance.now()
        const code = await client.execute(i % 3 === 0 ? 'SELECT * FROM system.local' : 'SELECT id, l FROM k.t WHERE id = ?', i % 3 === 0 ? [] : [1]).then(() => 'fine', (error: unknown) => {
          expect(isCqlError(error), String(error)).toBe(true)
          return (error as { code: string }).code
        })
        codes.set(code, (codes.get(code) ?? 0) + 1)
        expect(performance.now() - started).toBeLessThan(2500)
      }
      await client.close({ drainMs: 50 })
    }
    expect(fuzzer.report.findings).toEqual([])
    expect(codes.get('fine')).toBeGreaterThan(20)
    expect(codes.get('CQL_PROTOCOL')).toBeGreaterThan(5)
    expect(fuzzer.report.answers['RESULT changed']).toBeGreaterThan(50)
    // Whoever is closed has no connection left.
    await expect.poll(() => fuzzer.connections).toBe(0)
  })

  test('what a client sends that breaks the protocol is found', async () => {
    await using fuzzer = await ClientFuzzer.start({ probability: 0 })
    const [host, port] = fuzzer.address.split(':')
    const socket = connect(Number(port), host)
    socket.on('error', () => {})
    socket.write(Buffer.from('84000007050000000000000000', 'hex')) // as if it were a server
    await expect.poll(() => fuzzer.report.findings.length).toBe(1)
    expect(fuzzer.report.findings[0]).toMatchObject({ kind: 'violation', explanation: expect.stringContaining("client's bytes cannot be read") })
    const twice = connect(Number(port), host)
    twice.on('error', () => {})
    twice.write(Buffer.from('040000070500000000'.repeat(2), 'hex'))
    await expect.poll(() => fuzzer.report.findings.length).toBe(2)
    expect(fuzzer.report.findings[1]!.explanation).toContain('used stream 7 again')
    twice.destroy()
  })

  test('the same seed changes the same answers in the same way', async () => {
    const run = async (seed: number): Promise<unknown> => {
      await using fuzzer = await ClientFuzzer.start({ seed, probability: 1 })
        const [host, port] = fuzzer.address.split(':')
      const socket = connect(Number(port), host)
      const chunks: Buffer[] = []
      socket.on('data', (chunk) => chunks.push(chunk))
      socket.write(Buffer.from('040000010500000000', 'hex'))
      await expect.poll(() => chunks.length).toBeGreaterThan(0)
      socket.destroy()
      return Buffer.concat(chunks).toString('hex')
    }
    const first = await run(3)
    expect(await run(3)).toBe(first)
    expect(await run(4)).not.toBe(first)
  })
})
