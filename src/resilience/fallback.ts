import { Events } from '../base/index.js'
import { invoke, Policy } from './policy.js'
import type { Task } from './policy.js'
import type { RunContext } from './run-context.js'

/** Options of {@link fallback}. */
export interface FallbackOptions<T> {
  /** What to return in place of an error: a function that is given it. */
  readonly to: (error: unknown, context: RunContext) => T | Promise<T>
  /** Which errors are replaced. @default all, unless the caller has given up */
  readonly when?: ((error: unknown) => boolean) | undefined
}

/** What a fallback tells, so that what it hides is seen. */
export interface FallbackEvents {
  fallback: { readonly error: unknown }
}

/** Returns something else where a call fails. */
export class Fallback<Replacement> extends Policy {
  readonly events: Events<FallbackEvents> = new Events()
  readonly #options: FallbackOptions<Replacement>

  constructor(options: FallbackOptions<Replacement>) {
    super()
    this.#options = options
  }

  override async execute<T>(task: Task<T>, context: RunContext): Promise<T> {
    try {
      return await invoke(task, context)
    } catch (error) {
      if (context.aborted || !(this.#options.when?.(error) ?? true)) throw error
      this.events.emit('fallback', { error })
      return (await this.#options.to(error, context)) as unknown as T
    }
  }
}

/** See {@link Fallback}. */
export function fallback<T>(options: FallbackOptions<T>): Fallback<T> {
  return new Fallback(options)
}
