import { systemClock } from '../base/index.js'
import type { Clock } from '../base/index.js'
import type { Client } from '../client/index.js'

const QUERY = 'SELECT toUnixTimestamp(now()) AS now FROM system.local'
const SAMPLES = 5
/** After so long the difference is measured again: clocks drift by some tens of microseconds a second. */
const MEASURE_AGAIN_MS = 60_000

/**
 * The time of the cluster, which processes on machines with different clocks share: this machine's, corrected by how far it is from a
 * coordinator's, of which the quickest of a few answers tells (as NTP does, RFC 5905 section 8).
 */
export class ClusterClock {
  readonly #client: Client
  readonly #clock: Clock
  /** Cluster time less monotonic time. */
  #offset: number | undefined
  #measuredAt = 0
  #measuring: Promise<void> | undefined

  constructor(client: Client, clock: Clock = systemClock) {
    this.#client = client
    this.#clock = clock
  }

  /** Milliseconds since 1970 by the cluster; before {@link measure} by this machine. */
  now(): number {
    const now = this.#clock.now()
    if (this.#offset === undefined) return this.#clock.wall()
    if (now - this.#measuredAt > MEASURE_AGAIN_MS) this.measure().catch(() => {}) // the old difference still serves
    return now + this.#offset
  }

  /** Asks the cluster what time it is. @throws as `client.execute` does */
  measure(): Promise<void> {
    this.#measuring ??= this.#measure().finally(() => { this.#measuring = undefined })
    return this.#measuring
  }

  async #measure(): Promise<void> {
    let best = Number.POSITIVE_INFINITY
    for (let i = 0; i < SAMPLES; i++) {
      const sent = this.#clock.now()
      const { now: theirs } = (await this.#client.execute<{ now: bigint }>(QUERY, [], { consistency: 'one' })).one()
      const tookMs = this.#clock.now() - sent
      if (tookMs >= best) continue
      best = tookMs
      this.#offset = Number(theirs) + 0.5 - (sent + tookMs / 2)
    }
    this.#measuredAt = this.#clock.now()
  }
}
