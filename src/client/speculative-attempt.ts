import type { ByteReader, ByteWriter, CqlError } from '../base/index.js'
import type { Connection } from '../pool/index.js'
import type { EnvelopeHeader } from '../protocol/index.js'
import { Attempt } from './attempt.js'

/** What a speculative attempt needs of its request. */
export interface SpeculatingRequest {
  readonly opcode: number
  readonly flags: number
  beginSpeculative(attempt: SpeculativeAttempt): void
  encodeAttempt(writer: ByteWriter, connection: Connection, attempt: Attempt): void
  onAttemptResponse(attempt: Attempt, header: EnvelopeHeader, body: ByteReader, connection: Connection): void
  onAttemptFailure(attempt: Attempt, error: CqlError, connection: Connection): void
  onAttemptDeadline(attempt: Attempt): void
}

/** A second way of a request through the cluster, begun because the first one takes long. Until its time comes it is its own timer. */
export class SpeculativeAttempt extends Attempt {
  readonly #request: SpeculatingRequest
  #begun = false

  constructor(request: SpeculatingRequest) {
    super()
    this.#request = request
  }

  override get opcode(): number {
    return this.#request.opcode
  }

  override get flags(): number {
    return this.#request.flags
  }

  override encode(writer: ByteWriter, connection: Connection): void {
    this.#request.encodeAttempt(writer, connection, this)
  }

  override onResponse(header: EnvelopeHeader, body: ByteReader, connection: Connection): void {
    this.#request.onAttemptResponse(this, header, body, connection)
  }

  override onFailure(error: CqlError, connection: Connection): void {
    this.#request.onAttemptFailure(this, error, connection)
  }

  override onDeadline(): void {
    if (this.#begun) return this.#request.onAttemptDeadline(this)
    this.#begun = true
    this.#request.beginSpeculative(this)
  }
}
