/** What a peer did that it must not do. */
export interface FuzzFinding {
  /** It is gone, does not answer, or broke the protocol. */
  readonly kind: 'crash' | 'hang' | 'violation'
  readonly explanation: string
  /** What was written on the connection, one after the other, in hexadecimal: running it again needs nothing else. */
  readonly writes: readonly string[]
  /** What came back, in hexadecimal, as far as it was kept. */
  readonly answers: string
  /** The version that was agreed with STARTUP; the connection comes in segments from 5 on. */
  readonly version: number
}

/** What a run of fuzzing has done and found. */
export interface FuzzReport {
  readonly seed: number
  readonly connections: number
  /** Messages sent, of which most had been changed. */
  readonly messages: number
  /** How often the peer answered what; `closed` where it closed the connection instead. */
  readonly answers: Readonly<Record<string, number>>
  readonly findings: readonly FuzzFinding[]
}
