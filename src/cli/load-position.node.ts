import { OptionError } from '../base/index.js'
import { readIfThere, replaceFile } from './checkpoint-file.node.js'

/** Up to where all records have an outcome: what a later run need not read again. */
export class LoadPosition {
  readonly #file: string | undefined
  /** Records done before this run. */
  readonly done: number
  /** Of this run: all before it have an outcome. */
  #next = 0
  /** Those after it that have one. */
  readonly #early = new Set<number>()

  /** @param file undefined keeps nothing */
  constructor(file: string | undefined) {
    this.#file = file
    const text = file === undefined ? undefined : readIfThere(file)
    this.done = text === undefined ? 0 : recordsIn(text)
    if (this.done < 0) throw new OptionError('checkpoint', `${file} is no checkpoint of load: remove it to begin anew`)
  }

  /** A record of this run has its outcome. */
  note(index: number): void {
    this.#early.add(index)
    while (this.#early.delete(this.#next)) this.#next++
  }

  save(): void {
    if (this.#file !== undefined) replaceFile(this.#file, JSON.stringify({ records: this.done + this.#next }))
  }
}

/** Records that a saved position tells of; -1 when it is none. */
function recordsIn(text: string): number {
  try {
    const { records } = JSON.parse(text) as { readonly records?: unknown }
    return Number.isSafeInteger(records) ? (records as number) : -1
  } catch {
    return -1
  }
}
