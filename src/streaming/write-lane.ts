import { RingQueue } from '../base/index.js'
import { GradientLimit } from '../resilience/index.js'
import type { WriteUnit } from './write-unit.js'

/** What goes to one node: its requests wait for each other, and for nobody else's. */
export class WriteLane {
  readonly #gradient: GradientLimit | undefined
  readonly #waiting = new RingQueue<WriteUnit>()
  /** Units that wait, by partition. */
  readonly #byKey = new Map<string, WriteUnit>()
  inFlight = 0

  /** @param adaptive whether it finds out by itself how many requests at a time do no harm */
  constructor(adaptive: boolean) {
    this.#gradient = adaptive ? new GradientLimit({ initial: 16, min: 1, max: 512, tolerance: 6 }) : undefined
  }

  /** Requests that may be under way. */
  get limit(): number {
    return this.#gradient?.limit ?? Number.POSITIVE_INFINITY
  }

  get waiting(): number {
    return this.#waiting.size
  }

  push(unit: WriteUnit): void {
    this.#waiting.push(unit)
  }

  /** As {@link push}, and later records of the partition may join it while it waits. Those that are sent again take no others in: they carry an old timestamp. */
  open(unit: WriteUnit, key: string): void {
    this.#waiting.push(unit)
    this.#byKey.set(key, unit)
  }

  /** A unit that waits and may be joined. */
  of(key: string): WriteUnit | undefined {
    return this.#byKey.get(key)
  }

  /** The next unit, if there is room for it. */
  take(): WriteUnit | undefined {
    if (this.inFlight >= this.limit) return undefined
    const unit = this.#waiting.shift()
    if (unit?.key !== undefined && this.#byKey.get(unit.key) === unit) this.#byKey.delete(unit.key)
    if (unit) this.inFlight++
    return unit
  }

  /** Learns from an answer. */
  answered(latencyMs: number): void {
    this.#gradient?.learn(latencyMs, this.inFlight)
    this.inFlight--
  }

  /** Learns from an error. */
  failed(isOverload: boolean): void {
    if (isOverload) this.#gradient?.overload()
    this.inFlight--
  }
}
