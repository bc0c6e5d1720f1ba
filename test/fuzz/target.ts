/** A rule that an input has shown to be broken. */
export class Finding extends Error {
  override readonly name = 'Finding'
}

/** One way into the code that bytes of a stranger take, with the rules that hold there. */
export interface Target {
  readonly name: string
  /** Bytes at the beginning of an input that say how it is read, and which mutation leaves alone. */
  readonly keep: number
  /** Inputs to begin with. */
  seeds(seed: number): readonly Uint8Array[]
  /**
   * Runs one input.
   *
   * @returns how often a decoder of a message's body, or of a value, was given some of it
   * @throws Finding, or whatever else should not have been thrown
   */
  run(input: Uint8Array): number
}

/** @throws Finding saying what was broken */
export function holds(rule: boolean, text: string): asserts rule {
  if (!rule) throw new Finding(text)
}

/** Whether both hold the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
