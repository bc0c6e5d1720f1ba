import type { CasOutcome, Result } from '../client/index.js'
import { CompiledWrite, runnable } from './compiled.js'
import { QueryRefusedError } from './errors.js'
import type { QueryOptions, Session } from './session.js'
import type { TableModel } from './table.js'

/** A statement that is complete, such as an item of a batch: text and values. */
export interface WriteText {
  readonly query: string
  readonly values: readonly unknown[]
  /** Whether it has a condition, so that it may be refused. */
  readonly conditional: boolean
  /** Whether it can be run twice without harm. */
  readonly idempotent: boolean
}

/** What the client makes of a write: a result, or of a conditional one an outcome. */
export type WriteOutcome<Conditional extends boolean> = Conditional extends true ? CasOutcome : Result

/** A write that can be run, put into a batch, or compiled. Awaited, it is run. */
export abstract class WriteQuery<Conditional extends boolean = boolean, P = unknown> implements PromiseLike<WriteOutcome<Conditional>> {
  protected readonly session: Session
  protected readonly options: QueryOptions | undefined
  #text: WriteText | undefined

  protected constructor(session: Session, { name, view }: TableModel, options: QueryOptions | undefined) {
    if (view) throw new QueryRefusedError(`${name} is a view: write ${view.base.name}, and it follows`)
    this.session = session
    this.options = options
  }

  /** @internal */
  abstract write(): WriteText

  /** @internal */
  text(): WriteText {
    return (this.#text ??= this.write())
  }

  /**
   * The statement as it is sent.
   *
   * @throws QueryRefusedError for what Cassandra would refuse
   */
  toCQL(): { readonly query: string; readonly values: readonly unknown[] } {
    const { query, values } = this.text()
    return { query, values }
  }

  /** Fixes the query, to be run many times with values for its placeholders. */
  compile(): CompiledWrite<P, Conditional> {
    return new CompiledWrite<P, Conditional>(this.session, this.text(), this.options)
  }

  /** Runs it. @returns a result; of a conditional write, whether it was applied, rejected, or may have been either */
  async run(): Promise<WriteOutcome<Conditional>> {
    const { query, values, conditional, idempotent } = runnable(this.text())
    const { client } = this.session
    if (conditional) return client.cas(query, values, { prepare: true, ...this.options }) as Promise<WriteOutcome<Conditional>>
    return client.execute(query, values, { prepare: true, ...(idempotent && { idempotent }), ...this.options }) as Promise<WriteOutcome<Conditional>>
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaited is what it is for
  then<A = WriteOutcome<Conditional>, B = never>(onDone?: ((outcome: WriteOutcome<Conditional>) => A | PromiseLike<A>) | null, onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    return this.run().then(onDone, onError)
  }
}
