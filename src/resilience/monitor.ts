import { Events, OptionError } from '../base/index.js'

/** What can be watched: every policy, graph and selector of this room has events, a status, or both. */
export interface Watchable {
  /** Where it says what happens. */
  readonly events?: {
    /** Called at each event. @returns what ends it */
    onAny(listener: (name: string, event: unknown) => void): () => void
  }
  /** Plain data, or a function that gives it. */
  readonly status?: unknown
}

/** What one of them has done and how it stands, as plain data. */
export interface WatchedSummary {
  /** How often each of its events has come since it is watched. */
  readonly counts: Readonly<Record<string, number>>
  /** Its status now; undefined for one that has none. */
  readonly status: unknown
}

/** What a monitor tells. */
export interface MonitorEvents {
  /** Something watched has told something. */
  event: { readonly source: string; readonly name: string; readonly event: unknown }
}

/**
 * Gathers what policies tell under names: counters and status for a metrics page, and one stream of events for a log.
 *
 * @example
 * ```ts
 * import { breaker, Monitor, rateLimiter } from 'cqlwire/resilience'
 * const monitor = new Monitor({ orders: breaker({ failureRate: 0.5 }), api: rateLimiter({ limit: 100 }) })
 * monitor.events.on('event', ({ source, name }) => console.log(source, name))
 * console.log(JSON.stringify(monitor.snapshot()))
 * ```
 */
export class Monitor {
  readonly events: Events<MonitorEvents> = new Events()
  readonly #watched = new Map<string, { readonly what: Watchable; readonly counts: Record<string, number>; readonly stop: () => void }>()

  constructor(sources: Readonly<Record<string, Watchable>> = {}) {
    for (const [name, what] of Object.entries(sources)) this.watch(name, what)
  }

  /**
   * Watches something from now on.
   *
   * @returns a function that ends it
   * @throws OptionError when the name is taken
   */
  watch(source: string, what: Watchable): () => void {
    if (this.#watched.has(source)) throw new OptionError('source', `Something is watched as '${source}' already`)
    const counts: Record<string, number> = {}
    const unsubscribe = what.events?.onAny((name, event) => {
      counts[name] = (counts[name] ?? 0) + 1
      this.events.emit('event', { source, name, event })
    })
    const stop = (): void => {
      unsubscribe?.()
      this.#watched.delete(source)
    }
    this.#watched.set(source, { what, counts, stop })
    return stop
  }

  /** Everything watched, by name, at this moment. */
  snapshot(): Readonly<Record<string, WatchedSummary>> {
    return Object.fromEntries([...this.#watched].map(([source, { what, counts }]) => [source, { counts: { ...counts }, status: typeof what.status === 'function' ? (what.status as () => unknown).call(what) : what.status }]))
  }

  /** Ends all of it. */
  close(): void {
    for (const { stop } of this.#watched.values()) stop()
  }
}
