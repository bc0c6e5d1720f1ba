import { WheelEntry } from '../base/index.js'
import type { ByteReader, ByteWriter, CqlError } from '../base/index.js'
import type { EnvelopeHeader } from '../protocol/index.js'
import type { Connection } from './connection.js'

/** Something a {@link Connection} sends and is answered. It may wait in a timer wheel itself. */
export abstract class ConnectionRequest extends WheelEntry {
  /** @internal set by the connection */
  streamId = 0
  /** @internal the flush that it went out with */
  flushNumber = 0

  abstract readonly opcode: number
  /** Flags of the envelope's header. */
  abstract readonly flags: number
  /** Writes what accompanies the message, and its body. @throws CqlError when it cannot be sent as it is */
  abstract encode(writer: ByteWriter, connection: Connection): void
  /** Called with the answer, whose bytes are valid only during the call. */
  abstract onResponse(header: EnvelopeHeader, body: ByteReader, connection: Connection): void
  /** Called when no answer will come any more. */
  abstract onFailure(error: CqlError, connection: Connection): void
}
