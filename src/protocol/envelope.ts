import type { ByteWriter } from '../base/index.js'
import type { ProtocolVersion } from './constants.js'

/** Bytes of an envelope's header. */
export const HEADER_LENGTH = 9

/** The header of one message: what the specification calls an envelope since version 5, a frame before. */
export interface EnvelopeHeader {
  readonly version: ProtocolVersion
  /** Whether a server sent it. */
  readonly response: boolean
  /** A sum of `headerFlags`. */
  readonly flags: number
  /** -32,768 to 32,767; -1 for events. */
  readonly streamId: number
  readonly opcode: number
  /** Bytes of the body. */
  readonly length: number
}

/** Writes a header, whose length is patched in by {@link endEnvelope}; returns where it stands. */
export function beginEnvelope(writer: ByteWriter, version: ProtocolVersion, response: boolean, flags: number, streamId: number, opcode: number): number {
  const at = writer.reserve(HEADER_LENGTH)
  const { view } = writer
  view.setUint8(at, response ? version | 0x80 : version)
  view.setUint8(at + 1, flags)
  view.setInt16(at + 2, streamId)
  view.setUint8(at + 4, opcode)
  return at
}

/** Patches the length of the envelope that begins at `at` and ends where the writer stands. */
export function endEnvelope(writer: ByteWriter, at: number): void {
  writer.view.setInt32(at + 5, writer.pos - at - HEADER_LENGTH)
}
