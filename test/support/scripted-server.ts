// A server whose answers a test decides, one by one: built on the protocol room, on a real socket.
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { decodeMessage, encodeBody, errorMessage, flagsOf, FrameDecoder, FrameEncoder, opcodes, writeExtras } from '../../src/protocol/index.js'
import type { Column, CqlType } from '../../src/codecs/index.js'
import { encodeValue } from '../../src/server/values.js'
import type { MessageExtras, RequestMessage, ResponseMessage, ResultMessage } from '../../src/protocol/index.js'

/** One client of the scripted server. */
export class ScriptedConnection {
  readonly socket: Socket
  readonly #encoder = new FrameEncoder({ from: 'server', version: 5 })
  readonly #decoder = new FrameDecoder({ from: 'client' })
  #planned = false

  constructor(socket: Socket, onRequest: (request: RequestMessage, streamId: number, connection: ScriptedConnection) => void, versions: readonly number[]) {
    this.socket = socket
    let version = 0
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      this.#decoder.push(chunk, (header, body) => {
        if (version === 0) {
          version = header.version
          this.#encoder.version = header.version
        }
        if (!versions.includes(header.version)) {
          this.#encoder.version = Math.max(...versions) as 4
          return this.reply(header.streamId, errorMessage(0x0a, `Invalid or unsupported protocol version (${header.version}); supported versions are (${versions.map((v) => `${v}/v${v}`).join(', ')})`))
        }
        const { message } = decodeMessage(header, body)
        onRequest(message as RequestMessage, header.streamId, this)
        if (message.type !== 'STARTUP' || version !== 5) return
        this.flush()
        this.#encoder.startSegments()
        this.#decoder.startSegments()
      })
    })
  }

  reply(streamId: number, message: ResponseMessage, extras: MessageExtras = {}): void {
    const writer = this.#encoder.begin(flagsOf(extras), streamId, opcodes[message.type])
    writeExtras(writer, extras)
    encodeBody(writer, message, this.#encoder.version)
    this.#encoder.end()
    if (this.#planned) return
    this.#planned = true
    setImmediate(() => this.flush())
  }

  flush(): void {
    this.#planned = false
    if (this.#encoder.size === 0) return
    const { bytes, buffer } = this.#encoder.flush()
    this.socket.write(bytes, () => this.#encoder.recycle(buffer))
  }
}

/** Answers a request, or returns false to leave it to the defaults. */
export type Script = (request: RequestMessage, streamId: number, connection: ScriptedConnection) => boolean | void

const text: CqlType = { kind: 'text' }

/** A result of rows, from JavaScript values. */
export function rowsOf(columns: readonly (readonly [name: string, type: CqlType])[], rows: readonly (readonly unknown[])[], pagingState?: Uint8Array): ResultMessage {
  const specs: Column[] = columns.map(([name, type]) => ({ name, type, keyspace: 'ks', table: 't' }))
  return { type: 'RESULT', kind: 'ROWS', metadata: { columnCount: specs.length, columns: specs, pagingState }, rows: rows.map((row) => row.map((value, i) => (value === null ? null : encodeValue(specs[i]!.type, value)))) }
}

export class ScriptedServer implements AsyncDisposable {
  readonly connections: ScriptedConnection[] = []
  /** Requests seen, by type. */
  readonly seen = new Map<string, number>()
  readonly #server: Server
  script: Script

  private constructor(server: Server, script: Script) {
    this.#server = server
    this.script = script
  }

  static async start(script: Script = () => false, versions: readonly number[] = [3, 4, 5], port = 0): Promise<ScriptedServer> {
    const server = createServer()
    const scripted = new ScriptedServer(server, script)
    server.on('connection', (socket) => {
      socket.setNoDelay(true)
      const connection = new ScriptedConnection(socket, (request, streamId) => scripted.#onRequest(request, streamId, connection), versions)
      scripted.connections.push(connection)
      socket.on('close', () => scripted.connections.splice(scripted.connections.indexOf(connection), 1))
    })
    await new Promise<void>((resolve) => { server.listen(port, '127.0.0.1', resolve) })
    return scripted
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get contactPoints(): string[] {
    return [`127.0.0.1:${this.port}`]
  }

  #onRequest(request: RequestMessage, streamId: number, connection: ScriptedConnection): void {
    this.seen.set(request.type, (this.seen.get(request.type) ?? 0) + 1)
    if (this.script(request, streamId, connection)) return
    switch (request.type) {
      case 'OPTIONS':
        return connection.reply(streamId, { type: 'SUPPORTED', options: new Map([['CQL_VERSION', ['3.4.7']], ['COMPRESSION', ['lz4']]]) })
      case 'STARTUP':
      case 'REGISTER':
        return connection.reply(streamId, { type: 'READY' })
      case 'PREPARE': {
        // One parameter of type int, two result columns; the id is the text.
        const id = new TextEncoder().encode(request.query.slice(0, 60))
        const columns: Column[] = [{ name: 'id', type: { kind: 'int' }, keyspace: 'ks', table: 't' }, { name: 'v', type: text, keyspace: 'ks', table: 't' }]
        const variables = request.query.includes('?') ? [columns[0]!] : []
        return connection.reply(streamId, { type: 'RESULT', kind: 'PREPARED', id, resultMetadataId: Uint8Array.of(1), variables: { columns: variables, partitionKey: variables.length > 0 ? [0] : [] }, result: { columnCount: 2, columns } })
      }
      case 'QUERY':
        if (request.query.includes('system.local')) return connection.reply(streamId, rowsOf([['host_id', { kind: 'uuid' }], ['data_center', text], ['cluster_name', text], ['release_version', text]], [['00000000-0000-4000-8000-000000000001', 'dc1', 'scripted', '5.0.0']]))
        if (request.query.includes('system.peers')) return connection.reply(streamId, rowsOf([['host_id', { kind: 'uuid' }]], []))
        return connection.reply(streamId, { type: 'RESULT', kind: 'VOID' })
      case 'EXECUTE': {
        // Echoes the key that was asked for.
        const values = request.parameters.values as Uint8Array[] | undefined
        const id = values?.[0] ? new DataView(values[0].buffer, values[0].byteOffset).getInt32(0) : 0
        return connection.reply(streamId, echo(id, request.parameters.skipMetadata === true))
      }
      default:
        return connection.reply(streamId, { type: 'RESULT', kind: 'VOID' })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async close(): Promise<void> {
    for (const { socket } of this.connections.slice()) socket.destroy()
    await new Promise((resolve) => { this.#server.close(resolve) })
  }
}

/** The row that EXECUTE is answered with: the key and a text made of it. */
export function echo(id: number, skipMetadata: boolean): ResultMessage {
  const result = rowsOf([['id', { kind: 'int' }], ['v', text]], [[id, `value of ${id}`]]) as Extract<ResultMessage, { kind: 'ROWS' }>
  return skipMetadata ? { ...result, metadata: { ...result.metadata, columns: undefined } } : result
}
