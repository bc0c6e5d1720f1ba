import type { ByteReader, CqlError } from '../base/index.js'
import { decodeAnswer, encodeRequest, opcodes, serverErrorOf } from '../protocol/index.js'
import type { EnvelopeHeader, RequestMessage, ResponseMessage } from '../protocol/index.js'
import type { Connection } from './connection.js'
import { ConnectionRequest } from './request.js'

/** A request of the driver's own: encoded and decoded by the general codec. */
export class SimpleRequest extends ConnectionRequest {
  readonly opcode: number
  readonly flags = 0
  readonly #message: RequestMessage
  readonly #resolve: (message: ResponseMessage) => void
  readonly #reject: (error: Error) => void

  constructor(message: RequestMessage, resolve: (message: ResponseMessage) => void, reject: (error: Error) => void) {
    super()
    this.opcode = opcodes[message.type]
    this.#message = message
    this.#resolve = resolve
    this.#reject = reject
  }

  override encode(writer: Parameters<ConnectionRequest['encode']>[0], connection: Connection): void {
    encodeRequest(writer, this.#message, connection.version)
  }

  override onResponse(header: EnvelopeHeader, body: ByteReader, connection: Connection): void {
    const message = decodeAnswer(header, body)
    if (message.type === 'ERROR') this.#reject(serverErrorOf(message, connection.address))
    else this.#resolve(message)
  }

  override onFailure(error: CqlError): void {
    this.#reject(error)
  }

  override onDeadline(): void {}
}
