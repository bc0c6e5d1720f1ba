import process from 'node:process'

const WIDTH = 30

/** A progress bar on standard error: redrawn in place on a terminal, a line at each quarter elsewhere. */
export class Progress {
  readonly #label: string
  readonly #total: number
  #shown = -1

  constructor(label: string, total: number) {
    this.#label = label
    this.#total = total
  }

  update(done: number): void {
    const percent = Math.floor((done / this.#total) * 100)
    const step = process.stderr.isTTY ? percent : Math.floor(percent / 25) * 25
    if (step === this.#shown) return
    this.#shown = step
    const filled = Math.round((done / this.#total) * WIDTH)
    const bar = `${this.#label} ${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${String(percent).padStart(3)} %  ${done.toLocaleString('en')} of ${this.#total.toLocaleString('en')}`
    process.stderr.write(process.stderr.isTTY ? `\r${bar}${percent === 100 ? '\n' : ''}` : `${bar}\n`)
  }
}
