// Stands between a client and a server and writes down what passes, as envelopes and as the bytes of whole connections.
import { createServer, connect } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { decodeMessage, FrameDecoder, headerFlags, opcodes } from '../../src/protocol/index.js'
import { compressors, envelopeOf } from './vectors.js'

/** One message as it passed, without compression. */
export interface TappedEnvelope {
  readonly from: 'client' | 'server'
  readonly version: number
  readonly opcode: number
  /** Header and body. */
  readonly bytes: Uint8Array
}

/** What one side of a connection sent, byte by byte, and the envelopes in it. */
export interface TappedStream {
  readonly from: 'client' | 'server'
  /** As the client's STARTUP says; 0 before it. */
  version: number
  compression: string | undefined
  /** The first envelope that came in segments, and the byte that its segment begins at; undefined where there is none. */
  segments: { readonly envelope: number; readonly byte: number } | undefined
  readonly chunks: Uint8Array[]
  readonly envelopes: Uint8Array[]
}

/** A TCP proxy that notes what passes. */
export class WireTap implements AsyncDisposable {
  readonly envelopes: TappedEnvelope[] = []
  readonly streams: TappedStream[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** What could not be read of what passed; the peers have got it all the same. */
  readonly errors: unknown[] = []

  private constructor(target: string) {
    const [host, port] = target.split(':')
    this.#server = createServer((client) => {
      const server = connect(Number(port), host)
      this.#tap(client, server)
    })
  }

  static async listen(target: string): Promise<WireTap> {
    const tap = new WireTap(target)
    await new Promise<void>((resolve) => { tap.#server.listen(0, '127.0.0.1', resolve) })
    return tap
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  #tap(client: Socket, server: Socket): void {
    const sides = (['client', 'server'] as const).map((from) => {
      const stream: TappedStream = { from, version: 0, compression: undefined, segments: undefined, chunks: [], envelopes: [] }
      this.streams.push(stream)
      return { decoder: new FrameDecoder({ from }), stream }
    })
    const note = ({ decoder, stream }: typeof sides[number], chunk: Uint8Array): void => {
      stream.chunks.push(chunk.slice())
      decoder.push(chunk, (header, body) => {
        const bytes = envelopeOf(header, header.flags & ~headerFlags.compressed, body)
        this.envelopes.push({ from: stream.from, version: header.version, opcode: header.opcode, bytes })
        stream.envelopes.push(bytes)
        if (header.opcode === opcodes.STARTUP) {
          const { message } = decodeMessage(header, body)
          const compression = message.type === 'STARTUP' ? message.options.get('COMPRESSION') : undefined
          for (const side of sides) {
            side.stream.version = header.version
            side.stream.compression = compression
            if (compression !== undefined) side.decoder.compressor = compressors[compression as 'lz4']
          }
        }
        // READY also answers REGISTER, within segments.
        if (header.version === 5 && stream.segments === undefined && (header.opcode === opcodes.READY || header.opcode === opcodes.AUTHENTICATE)) {
          for (const side of sides) {
            side.decoder.startSegments()
            side.stream.segments = { envelope: side.stream.envelopes.length, byte: side.stream.envelopes.reduce((sum, { length }) => sum + length, 0) }
          }
        }
      })
    }
    const pass = (from: Socket, to: Socket, side: typeof sides[number]): void => {
      this.#sockets.add(from)
      from.on('data', (chunk) => {
        to.write(chunk)
        try {
          note(side, chunk)
        } catch (error) {
          this.errors.push(error)
        }
      })
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
    }
    pass(client, server, sides[0]!)
    pass(server, client, sides[1]!)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => { this.#server.close(resolve) })
  }
}
