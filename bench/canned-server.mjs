// Answers the workloads with rows encoded beforehand, and everything else as the embedded server does.
// Prints its port. It must outrun the clients: its ceiling is what `client.mjs null` measures.
import { createServer } from 'node:net'
import { ByteWriter } from '../dist/base/index.js'
import { Codecs, encodeCell, parseType } from '../dist/codecs/index.js'
import { decodeMessage, encodeBody, FrameDecoder, FrameEncoder, opcodes, UnsupportedVersionError } from '../dist/protocol/index.js'
import { Database } from '../dist/server/database.js'
import { crc32 } from '../dist/transport/index.js'
import { firstRow, statements } from './workloads.mjs'

const codecs = new Codecs()
const column = ([name, type]) => ({ name, type: parseType(type), keyspace: 'bench', table: 't' })

function bodyOf(statement, version, variant, page, skipMetadata) {
  const columns = statement.shape.columns.map(column)
  const rows = Array.from({ length: statement.rows }, (_, i) => statement.shape.row(firstRow(statement, variant, page) + i).map((value, c) => {
    const cell = new ByteWriter()
    encodeCell(codecs.of(columns[c].type), cell, value)
    return cell.toBytes().subarray(4)
  }))
  const pagingState = page + 1 < statement.pages ? Uint8Array.of(page + 1) : undefined
  const writer = new ByteWriter(1 << 16)
  encodeBody(writer, { type: 'RESULT', kind: 'ROWS', metadata: { columnCount: columns.length, columns: skipMetadata ? undefined : columns, pagingState }, rows }, version)
  return writer.toBytes()
}

const names = Object.keys(statements)
const bodies = new Map()
/** Every answer, made at its first use: by statement, version, variant, page, metadata. */
function answer(index, version, variant, page, skipMetadata) {
  const key = (((index * 8 + version) * 64 + variant) * 32 + page) * 2 + (skipMetadata ? 1 : 0)
  let body = bodies.get(key)
  if (!body) bodies.set(key, (body = bodyOf(statements[names[index]], version, variant, page, skipMetadata)))
  return body
}

const server = createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => {})
  const encoder = new FrameEncoder({ from: 'server', version: 4, crc32 })
  const decoder = new FrameDecoder({ from: 'client', crc32 })
  const counters = names.map(() => 0)
  let version = 0
  let keyspace
  const reply = (streamId, message) => {
    encodeBody(encoder.begin(0, streamId, opcodes[message.type]), message, version)
    encoder.end()
  }
  const flush = () => {
    if (encoder.size === 0) return
    const { bytes, buffer } = encoder.flush()
    socket.write(bytes, () => encoder.recycle(buffer))
  }
  const onEnvelope = (header, body) => {
    version ||= encoder.version = header.version
    const { streamId } = header
    if (header.opcode === opcodes.EXECUTE && body.bytes[body.pos + 1] === 1) {
      // Ids of the workloads' statements are one byte long.
      const index = body.bytes[body.pos + 2]
      const { message } = decodeMessage(header, body)
      const { parameters } = message
      const page = parameters.pagingState?.[0] ?? 0
      const variant = page === 0 ? counters[index]++ % statements[names[index]].variants : 0
      encoder.begin(0, streamId, opcodes.RESULT).raw(answer(index, version, variant, page, parameters.skipMetadata === true))
      return encoder.end()
    }
    const { message } = decodeMessage(header, body)
    switch (message.type) {
      case 'OPTIONS': return reply(streamId, { type: 'SUPPORTED', options: new Map([['CQL_VERSION', ['3.4.7']], ['COMPRESSION', ['lz4']]]) })
      case 'REGISTER': return reply(streamId, { type: 'READY' })
      case 'STARTUP':
        reply(streamId, { type: 'READY' })
        if (version !== 5) return undefined
        flush()
        encoder.startSegments()
        return decoder.startSegments()
      case 'PREPARE': {
        const index = names.findIndex((name) => statements[name].query === message.query)
        if (index >= 0) {
          const { parameters, shape } = statements[names[index]]
          const columns = shape.columns.map(column)
          return reply(streamId, { type: 'RESULT', kind: 'PREPARED', id: Uint8Array.of(index), resultMetadataId: Uint8Array.of(index), variables: { columns: parameters.map(column), partitionKey: [0] }, result: { columnCount: columns.length, columns } })
        }
      }
    }
    try {
      const result = message.type === 'PREPARE' ? database.prepare(message.query, keyspace) : message.type === 'EXECUTE' ? database.execute(message.id, message.parameters) : database.query(message.query, message.parameters, keyspace)
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

let database
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const { port } = server.address()
  database = new Database({ hostId: '00000000-0000-4000-8000-000000000001', address: '127.0.0.1', port, clusterName: 'canned', dataCenter: 'dc1', rack: 'r1', releaseVersion: '4.1.0', tokens: ['-9223372036854775808'] })
  console.log(port)
})
