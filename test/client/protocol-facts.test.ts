// Facts of the protocol that drivers have got wrong, seen from the client's side.
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { ByteReader, ByteWriter, ProtocolError } from '../../src/base/index.js'
import { Client } from '../../src/client/index.js'
import { decodeMessage, encodeMessage, errorCodes, errorMessage, FrameDecoder, headerFlags, opcodes } from '../../src/protocol/index.js'
import type { EnvelopeHeader } from '../../src/protocol/index.js'
import { echo, rowsOf, ScriptedServer } from '../support/scripted-server.js'
import { connect, eachWithScriptedServer, failure, server, useServer } from '../support/scripted-client.js'

eachWithScriptedServer()

test('STARTUP asks to be refused when overloaded, says who it is, and has neither the beta nor the compressed flag', async () => {
  const headers: EnvelopeHeader[] = []
  const options: ReadonlyMap<string, string>[] = []
  const raw = createServer((socket) => {
    const decoder = new FrameDecoder({ from: 'client' })
    socket.on('error', () => {})
    socket.on('data', (chunk) => decoder.push(chunk, (header, body) => {
      headers.push(header)
      const { message } = decodeMessage(header, body)
      const writer = new ByteWriter()
      if (message.type === 'OPTIONS') encodeMessage(writer, { type: 'SUPPORTED', options: new Map([['CQL_VERSION', ['3.4.7']], ['COMPRESSION', ['lz4']]]) }, header.version, header.streamId)
      if (message.type === 'STARTUP') {
        options.push(message.options)
        socket.destroy()
      }
      socket.write(writer.toBytes())
    }))
  })
  await new Promise<void>((resolve) => { raw.listen(0, '127.0.0.1', resolve) })
  const long = 'x'.repeat(2000)
  for (const protocolVersion of [4, 5] as const) {
    await failure(Client.connect({ contactPoints: [`127.0.0.1:${(raw.address() as AddressInfo).port}`], protocolVersion, compression: 'lz4', applicationName: long }))
  }
  raw.close()
  expect(options).toHaveLength(2)
  for (const option of options) expect(Object.fromEntries(option)).toMatchObject({ THROW_ON_OVERLOAD: '1', COMPRESSION: 'lz4', CQL_VERSION: '3.4.7', DRIVER_NAME: 'cqlwire', APPLICATION_NAME: long })
  for (const { flags, streamId } of headers) {
    expect(flags & (headerFlags.beta | headerFlags.compressed)).toBe(0)
    expect(streamId, 'stream 0 is not used').toBeGreaterThan(0)
  }
})

test('old servers refuse a version in a server error', async () => {
  await server.close()
  useServer(await ScriptedServer.start((request, streamId, connection) => {
    if (request.type !== 'OPTIONS' || server.seen.get('OPTIONS')! > 1) return false
    connection.reply(streamId, errorMessage(errorCodes.SERVER_ERROR, 'Invalid or unsupported protocol version: 5'))
    return true
  }))
  expect((await connect()).stats().protocolVersion).toBe(4)
})

test('Overloaded was not executed: even a write that is not idempotent goes on, and the error says retryable', async () => {
  server.script = (request, streamId, connection) => {
    if (request.type !== 'EXECUTE') return false
    connection.reply(streamId, errorMessage(errorCodes.OVERLOADED, 'too much'))
    return true
  }
  const client = await connect()
  await client.prepare('INSERT ?')
  expect(await failure(client.execute('INSERT ?', [1]))).toMatchObject({ name: 'NoNodeAvailableError', outcome: 'retryable', attempts: [{ error: { name: 'OverloadedError', outcome: 'retryable' } }] })
})

test('answers on negative streams are ignored; an error on stream 0 names no request and ends the connection', async () => {
  server.script = (request, _streamId, connection) => {
    if (request.type !== 'EXECUTE') return false
    connection.reply(-7, { type: 'READY' })
    connection.reply(-1, { type: 'EVENT', event: 'UNKNOWN', name: 'NEWER' })
    return false
  }
  const client = await connect()
  expect((await client.execute('SELECT ?', [1])).one()).toEqual({ id: 1, v: 'value of 1' })
  server.script = (request, _streamId, connection) => {
    if (request.type !== 'EXECUTE') return false
    connection.reply(0, errorMessage(errorCodes.PROTOCOL_ERROR, 'cannot read this'))
    return true
  }
  await client.prepare('INSERT ?')
  expect(await failure(client.execute('INSERT ?', [1]))).toMatchObject({ message: expect.stringMatching(/cannot read this/), code: 'CQL_CONNECTION', outcome: 'undetermined' })
})

test('a server that could not read what it was sent says nothing about the requests: idempotent ones are tried again', async () => {
  let refused = 0
  server.script = (request, _streamId, connection) => {
    if (request.type !== 'EXECUTE' || refused > 0) return false
    refused++
    connection.reply(0, errorMessage(errorCodes.PROTOCOL_ERROR, 'Read corrupt frame'))
    connection.flush()
    connection.socket.end()
    return true
  }
  const client = await connect()
  const result = await client.execute('SELECT ?', [1])
  expect([refused, result.one(), result.info.attempts]).toEqual([1, { id: 1, v: 'value of 1' }, 2])
})

test('on version 4 columns are left out only where they cannot change: not for * and not with user-defined types', async () => {
  const skipped: (boolean | undefined)[] = []
  server.script = (request, streamId, connection) => {
    if (request.type !== 'EXECUTE') return false
    skipped.push(request.parameters.skipMetadata)
    connection.reply(streamId, echo(1, request.parameters.skipMetadata === true))
    return true
  }
  const client = await connect({ protocolVersion: 4 })
  for (const query of ['SELECT id, v FROM t WHERE id = ?', 'SELECT * FROM t WHERE id = ?']) expect((await client.execute(query, [1])).one()).toEqual({ id: 1, v: 'value of 1' })
  expect(skipped).toEqual([true, undefined])
})

test('a second PREPARE without columns does not make known ones forgotten', async () => {
  let unknown = true
  server.script = (request, streamId, connection) => {
    if (request.type === 'EXECUTE' && unknown) connection.reply(streamId, errorMessage(errorCodes.UNPREPARED, 'unknown', { id: request.id }))
    else if (request.type === 'PREPARE' && server.seen.get('PREPARE')! > 1) {
      unknown = false
      connection.reply(streamId, { type: 'RESULT', kind: 'PREPARED', id: new TextEncoder().encode(request.query), resultMetadataId: Uint8Array.of(1), variables: { columns: [], partitionKey: [] }, result: { columnCount: 0 } })
    } else return false
    return true
  }
  const client = await connect()
  expect((await client.execute('SELECT ?', [4])).one()).toEqual({ id: 4, v: 'value of 4' })
})

test('an empty page with more to come is not the end', async () => {
  server.script = (request, streamId, connection) => {
    if (request.type !== 'QUERY' || !request.query.includes('pages')) return false
    const page = request.parameters.pagingState?.[0] ?? 0
    connection.reply(streamId, rowsOf([['n', { kind: 'int' }]], page % 3 === 2 ? [[page]] : [], page < 8 ? Uint8Array.of(page + 1) : undefined))
    return true
  }
  const client = await connect()
  const first = await client.execute('SELECT pages')
  expect([first.rows, first.hasMorePages]).toEqual([[{ n: 2 }], true])
  const all: unknown[] = []
  for await (const row of client.stream('SELECT pages')) all.push(row)
  expect(all).toEqual([{ n: 2 }, { n: 5 }, { n: 8 }])
})

describe('bytes that servers and clients send', () => {
  const body = (...parts: readonly (readonly [size: 1 | 2 | 4, value: number])[]): ByteReader => {
    const writer = new ByteWriter()
    for (const [size, value] of parts) {
      if (size === 1) writer.u8(value)
      else if (size === 2) writer.u16(value)
      else writer.i32(value)
    }
    return new ByteReader(writer.toBytes())
  }
  const header = (opcode: number, response: boolean): EnvelopeHeader => ({ version: 4, response, flags: 0, streamId: 1, opcode, length: 0 })

  test('a bind value of length below -2 is invalid; in results any negative length is null', () => {
    const query = (length: number): ByteReader => body([4, 0], [2, 1], [1, 1], [2, 1], [4, length])
    expect(() => decodeMessage(header(opcodes.QUERY, false), query(-3))).toThrow(ProtocolError)
    expect(decodeMessage(header(opcodes.QUERY, false), query(-1)).message).toMatchObject({ parameters: { values: [null] } })
    const rows = body([4, 2], [4, 4], [4, 1], [4, 1], [4, -5])
    expect(decodeMessage(header(opcodes.RESULT, true), rows).message).toMatchObject({ rows: [[null]] })
  })

  test('named values in a BATCH are refused', () => {
    expect(() => decodeMessage(header(opcodes.BATCH, false), body([1, 0], [2, 0], [2, 1], [1, 0x40]))).toThrow(/Named values/)
  })

  test('rows metadata: flags, count, paging state, new metadata id, table, columns', () => {
    const writer = new ByteWriter()
    encodeMessage(writer, { type: 'RESULT', kind: 'ROWS', metadata: { columnCount: 1, columns: [{ name: 'c', type: { kind: 'int' }, keyspace: 'k', table: 't' }], pagingState: Uint8Array.of(7), newMetadataId: Uint8Array.of(8) }, rows: [] }, 5, 1)
    expect(Buffer.from(writer.written().subarray(9)).toString('hex')).toBe('00000002' + '0000000b' + '00000001' + '0000000107' + '000108' + '00016b' + '000174' + '000163' + '0009' + '00000000')
  })
})
