// Answers the workloads with rows encoded beforehand, and everything else as the embedded server does.
// Prints its port. It must outrun the clients; run.mjs says how much of its core it used.
import { createServer } from 'node:net'
import { ByteWriter } from '../.cache/build/base/index.js'
import { Codecs, encodeCell, parseType } from '../.cache/build/codecs/index.js'
import { decodeMessage, encodeBody, FrameDecoder, FrameEncoder, opcodes, UnsupportedVersionError } from '../.cache/build/protocol/index.js'
import { lz4 } from '../.cache/build/protocol/compression/lz4.js'
import { Database } from '../.cache/build/server/database.js'
import { crc32, loadNativeCompressor } from '../.cache/build/transport/index.js'
import { firstRow, statements } from './workloads.mjs'

const codecs = new Codecs()
const native = await loadNativeCompressor('lz4')
const compressor = native ? { name: 'lz4', ...native } : lz4
const column = ([name, type]) => ({ name, type: parseType(type), keyspace: 'bench', table: 't' })

function bodyOf(statement, version, variant, page, skipMetadata) {
  const writer = new ByteWriter(1 << 16)
  if (statement.rows === 0) {
    encodeBody(writer, { type: 'RESULT', kind: 'VOID' }, version)
    return writer.toBytes()
  }
  const columns = statement.shape.columns.map(column)
  const rows = Array.from({ length: statement.rows }, (_, i) => statement.shape.row(firstRow(statement, variant, page) + i).map((value, c) => {
    const cell = new ByteWriter()
    encodeCell(codecs.of(columns[c].type), cell, value)
    return cell.toBytes().subarray(4)
  }))
  const pagingState = page + 1 < statement.pages ? Uint8Array.of(page + 1) : undefined
  encodeBody(writer, { type: 'RESULT', kind: 'ROWS', metadata: { columnCount: columns.length, columns: skipMetadata ? undefined : columns, pagingState }, rows }, version)
  return writer.toBytes()
}

const names = Object.keys(statements)
const bodies = []
/** Every answer, made at its first use: by statement, version, variant, page, metadata. */
function answer(index, version, variant, page, skipMetadata) {
  const at = (((index * 8 + version) * 64 + variant) * 32 + page) * 2 + (skipMetadata ? 1 : 0)
  return (bodies[at] ??= bodyOf(statements[names[index]], version, variant, page, skipMetadata))
}

/** Bytes of all values that came with writes: what a client has really sent. */
let written = 0
function sumValues(view, at, count) {
  for (let i = 0; i < count; i++) {
    const length = view.getInt32(at)
    at += 4
    for (let end = at + length; at < end; at++) written = (written * 31 + view.getUint8(at)) | 0
  }
  return at
}

const server = createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => {})
  const encoder = new FrameEncoder({ from: 'server', version: 4, crc32 })
  const decoder = new FrameDecoder({ from: 'client', crc32 })
  const counters = names.map(() => 0)
  let version = 0
  let keyspace
  let writes = 0
  const reply = (streamId, message) => {
    encodeBody(encoder.begin(0, streamId, opcodes[message.type]), message, version)
    encoder.end()
  }
  const flush = () => {
    if (encoder.size === 0) return
    const { bytes, buffer } = encoder.flush()
    socket.write(bytes, () => encoder.recycle(buffer))
  }
  const onExecute = (streamId, body) => {
    // Ids of the workloads' statements are one byte long, and so are those of their results: flags and values are where this looks.
    const { view, pos } = body
    const index = view.getUint8(pos + 2)
    const statement = statements[names[index]]
    const at = version === 5 ? pos + 7 + view.getUint16(pos + 3) : pos + 5
    const flags = version === 5 ? view.getInt32(at) : view.getUint8(at)
    let page = 0
    if (statement.pages > 1) {
      body.pos = pos
      page = decodeMessage({ opcode: opcodes.EXECUTE, flags: 0, version, response: false }, body).message.parameters.pagingState?.[0] ?? 0
    }
    if (statement.rows === 0) {
      // One write of 16 is looked at in full, always the same ones, so that the server stays ahead.
      if ((writes++ & 15) === 0) sumValues(view, at + (version === 5 ? 6 : 3), statement.parameters.length)
    }
    const variant = page === 0 ? counters[index]++ % statement.variants : 0
    encoder.begin(0, streamId, opcodes.RESULT).raw(answer(index, version, variant, page, (flags & 2) !== 0))
    encoder.end()
  }
  const onBatch = (streamId, body) => {
    const { view, pos } = body
    const count = view.getUint16(pos + 1)
    if ((writes++ & 15) === 0) for (let i = 0, at = pos + 3; i < count; i++) at = sumValues(view, at + 6, view.getUint16(at + 4))
    encoder.begin(0, streamId, opcodes.RESULT).raw(answer(names.indexOf('insert'), version, 0, 0, false))
    encoder.end()
  }
  const onEnvelope = (header, body) => {
    version ||= encoder.version = header.version
    const { streamId } = header
    if (header.opcode === opcodes.EXECUTE && body.bytes[body.pos + 1] === 1) return onExecute(streamId, body)
    if (header.opcode === opcodes.BATCH) return onBatch(streamId, body)
    const { message } = decodeMessage(header, body)
    switch (message.type) {
      case 'OPTIONS': return reply(streamId, { type: 'SUPPORTED', options: new Map([['CQL_VERSION', ['3.4.7']], ['COMPRESSION', ['lz4']]]) })
      case 'REGISTER': return reply(streamId, { type: 'READY' })
      case 'STARTUP':
        if (message.options.get('COMPRESSION') === 'lz4') decoder.compressor = compressor
        reply(streamId, { type: 'READY' })
        flush()
        encoder.compressor = message.options.get('COMPRESSION') === 'lz4' ? compressor : undefined
        if (version !== 5) return undefined
        encoder.startSegments()
        return decoder.startSegments()
      case 'QUERY':
        if (message.query === 'SELECT written FROM bench.writes') {
          const value = new ByteWriter(4)
          value.i32(written)
          written = writes = 0
          return reply(streamId, { type: 'RESULT', kind: 'ROWS', metadata: { columnCount: 1, columns: [column(['written', 'int'])] }, rows: [[value.toBytes()]] })
        }
        break
      case 'PREPARE': {
        const index = names.findIndex((name) => statements[name].query === message.query)
        if (index >= 0) {
          const { parameters, shape, rows } = statements[names[index]]
          const columns = rows === 0 ? [] : shape.columns.map(column)
          return reply(streamId, { type: 'RESULT', kind: 'PREPARED', id: Uint8Array.of(index), resultMetadataId: Uint8Array.of(index), variables: { columns: parameters.map(column), partitionKey: [0] }, result: { columnCount: columns.length, columns } })
        }
      }
    }
    try {
      const result = message.type === 'PREPARE' ? database.prepare(message.query, keyspace) : message.type === 'EXECUTE' ? database.execute(message.id, message.parameters, undefined, { node, keyspace }) : database.query(message.query, message.parameters, { node, keyspace })
      if (result.kind === 'SET_KEYSPACE') keyspace = result.keyspace
      return reply(streamId, result)
    } catch (error) {
      return reply(streamId, error.answer ?? { type: 'ERROR', code: 0, message: String(error), details: {} })
    }
  }
  socket.on('data', (chunk) => {
    try {
      decoder.push(chunk, onEnvelope)
    } catch (error) {
      if (!(error instanceof UnsupportedVersionError)) throw error
      version = encoder.version = 4 // cassandra-driver asks for its own versions first
      reply(error.streamId, { type: 'ERROR', code: 0x0a, message: error.message, details: {} })
    }
    flush()
  })
})

let node
let database
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const { port } = server.address()
  database = new Database()
  node = database.addNode({ hostId: '00000000-0000-4000-8000-000000000001', address: '127.0.0.1', port, clusterName: 'canned', dataCenter: 'dc1', rack: 'r1', releaseVersion: '4.1.0', tokens: ['-9223372036854775808'] })
  // A keyspace and a table, so that clients route by token as they do with a real cluster.
  database.query("CREATE KEYSPACE bench WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 1}", { consistency: 'one' }, { node })
  database.query('CREATE TABLE bench.t (id uuid PRIMARY KEY, name text, email text, age int, seen timestamp, score double)', { consistency: 'one' }, { node })
  console.log(port)
})
