/** Sizes that bytes from a peer may not exceed; each is checked before memory is taken. */
export interface ProtocolLimits {
  /** Bytes of one envelope's body, before and after decompression. @default 268_435_456 (256 MiB) */
  readonly maxFrameLength?: number
}

/** The default of `maxFrameLength`: what the server accepts at most by its own default is 16 MiB. */
export const MAX_FRAME_LENGTH: number = 256 * 1024 * 1024
