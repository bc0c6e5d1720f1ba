import { Events, systemClock, systemRandom } from '../base/index.js'
import type { Clock, Random } from '../base/index.js'
import type { Breaker } from './breaker.js'
import { invoke, Unguarded } from './policy.js'
import type { RunOptions, Task } from './policy.js'
import type { RunContext } from './run-context.js'

/** One of several ways to the same answer. */
export interface Backend<Input, T> {
  readonly name: string
  /** Makes the call. @param context its signal and its deadline */
  run(input: Input, context: RunContext): T | Promise<T>
  /** Share of the calls it gets with the weighted strategy. @default 1 */
  readonly weight?: number | undefined
  /** Calls go through it, and none are made while it refuses them. @default none */
  readonly breaker?: Breaker | undefined
  /** Whether its answers are second best, such as those of a cache: it is asked when all others have failed. @default false */
  readonly degraded?: boolean | undefined
}

/** An answer, and where it is from. */
export interface Selected<T> {
  readonly value: T
  readonly backend: string
  /** Whether it is second best: then it should not be kept as if it were good. */
  readonly degraded: boolean
  /** Why others did not answer, in the order in which they were asked. */
  readonly failures: readonly { readonly backend: string; readonly error: unknown }[]
}

/** Which back end is asked first. */
export type SelectorStrategy = 'ordered' | 'weighted' | 'leastLoaded' | 'latency'

/** Options of {@link selector}. */
export interface SelectorOptions<Input, T> {
  readonly backends: readonly Backend<Input, T>[]
  /** @default 'ordered' */
  readonly strategy?: SelectorStrategy | undefined
  /** Errors after which no other back end is asked. @default none */
  readonly isFatal?: ((error: unknown) => boolean) | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
  /** @default the platform's */
  readonly random?: Random | undefined
}

/** What a selector tells. */
export interface SelectorEvents {
  answer: { readonly backend: string; readonly degraded: boolean }
  failure: { readonly backend: string; readonly error: unknown }
}

interface Load {
  running: number
  meanMs: number
}

/** Asks one back end after the other until one answers, and says which it was and whether the answer is second best. */
export class Selector<Input, T> {
  readonly events: Events<SelectorEvents> = new Events()
  readonly #options: SelectorOptions<Input, T>
  readonly #loads = new Map<string, Load>()
  readonly #clock: Clock
  readonly #random: Random

  constructor(options: SelectorOptions<Input, T>) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? systemRandom
    for (const { name } of options.backends) this.#loads.set(name, { running: 0, meanMs: 0 })
  }

  /**
   * Asks.
   *
   * @throws the last back end's error when none answers; AbortedError
   */
  run(input: Input, options?: RunOptions): Promise<Selected<T>> {
    return new Unguarded().run((context) => this.#ask(input, context), options)
  }

  async #ask(input: Input, context: RunContext): Promise<Selected<T>> {
    const failures: { readonly backend: string; readonly error: unknown }[] = []
    for (const backend of this.#order()) {
      try {
        const value = await this.#call(backend, input, context)
        const degraded = backend.degraded ?? false
        this.events.emit('answer', { backend: backend.name, degraded })
        return { value, backend: backend.name, degraded, failures }
      } catch (error) {
        failures.push({ backend: backend.name, error })
        this.events.emit('failure', { backend: backend.name, error })
        if (context.aborted || this.#options.isFatal?.(error) === true) throw error
      }
    }
    throw failures.at(-1)?.error ?? new Error('There is no back end')
  }

  async #call(backend: Backend<Input, T>, input: Input, context: RunContext): Promise<T> {
    const load = this.#loads.get(backend.name)!
    const task: Task<T> = (within) => backend.run(input, within)
    load.running++
    const started = this.#clock.now()
    try {
      return await (backend.breaker ? backend.breaker.execute(task, context) : invoke(task, context))
    } finally {
      load.running--
      load.meanMs = load.meanMs === 0 ? this.#clock.now() - started : load.meanMs * 0.8 + (this.#clock.now() - started) * 0.2
    }
  }

  /** By the strategy; those whose breaker refuses calls after the others, second-best ones last. */
  #order(): Backend<Input, T>[] {
    const { backends, strategy = 'ordered' } = this.#options
    const load = ({ name }: Backend<Input, T>): Load => this.#loads.get(name)!
    const rank: Record<SelectorStrategy, (backend: Backend<Input, T>, i: number) => number> = {
      ordered: (_, i) => i,
      // Exponential keys make a random order in which weights are chances to be first (Efraimidis and Spirakis, 2006).
      weighted: ({ weight = 1 }) => -Math.log(1 - this.#random.next()) / weight,
      leastLoaded: (backend) => load(backend).running,
      latency: (backend) => load(backend).meanMs,
    }
    const keyed = backends.map((backend, i) => ({ backend, group: (backend.degraded === true ? 2 : 0) + (backend.breaker?.blocked === true ? 1 : 0), key: rank[strategy](backend, i) }))
    return keyed.sort((a, b) => a.group - b.group || a.key - b.key).map(({ backend }) => backend)
  }
}

/** See {@link Selector}. */
export function selector<Input, T>(options: SelectorOptions<Input, T>): Selector<Input, T> {
  return new Selector(options)
}
