import process from 'node:process'

const WIDTH = 24
const QUIET_MS = 5000

/** What is under way, on standard error: a line redrawn in place on a terminal, one every few seconds elsewhere. */
export class StatusLine {
  readonly #quiet: boolean
  #lastAt = 0
  #length = 0

  /** @param quiet shows nothing */
  constructor(quiet: boolean) {
    this.#quiet = quiet
  }

  /** @param fraction from 0 to 1, where it is known */
  show(text: string, fraction?: number): void {
    if (this.#quiet) return
    const filled = Math.round((fraction ?? 0) * WIDTH)
    const bar = fraction === undefined ? '' : `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${String(Math.floor(fraction * 100)).padStart(3)} %  `
    if (process.stderr.isTTY) {
      const line = `${bar}${text}`
      process.stderr.write(`\r${line.padEnd(this.#length)}`)
      this.#length = line.length
    } else if (performance.now() - this.#lastAt >= QUIET_MS) {
      this.#lastAt = performance.now()
      process.stderr.write(`${bar}${text}\n`)
    }
  }

  /** Ends the line that is redrawn. */
  end(): void {
    if (!this.#quiet && process.stderr.isTTY && this.#length > 0) process.stderr.write('\n')
    this.#length = 0
  }
}

/** Numbers as people read them. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en')
}

/** A time as people read it, such as `3 min 20 s`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}
