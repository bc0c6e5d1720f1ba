import { selectOptions, withFurtherPages } from './pages.js'
import type { RequestOptions } from '../client/index.js'
import { QueryRefusedError } from './errors.js'
import { Slot } from './placeholder.js'
import type { QueryOptions, Session } from './session.js'
import type { WriteOutcome, WriteText } from './write-query.js'

/** Values of placeholders, by their names. */
type Given = Readonly<Record<string, unknown>>

/** A query as it can be sent. @throws QueryRefusedError while it has placeholders */
export function runnable<Text extends { readonly query: string; readonly values: readonly unknown[] }>(text: Text): Text {
  for (const value of text.values) if (value instanceof Slot) throw new QueryRefusedError(`The query has a placeholder '${value.name}': .compile() it, and give the value when it is run`)
  return text
}

/** A query whose text is fixed: what is left is to put values in. */
class Template {
  readonly query: string
  readonly #values: readonly unknown[]
  readonly #slots: readonly (readonly [at: number, slot: Slot])[]
  readonly #names: ReadonlySet<string>

  constructor(query: string, values: readonly unknown[]) {
    this.query = query
    this.#values = values
    this.#slots = values.flatMap((value, at) => (value instanceof Slot ? [[at, value] as const] : []))
    this.#names = new Set(this.#slots.map(([, { name }]) => name))
  }

  /** All values, in order. @throws QueryRefusedError for one that is missing or unknown */
  bind(given: Given): unknown[] {
    const values = this.#values.slice()
    for (const [at, slot] of this.#slots) {
      const value = given[slot.name]
      if (value === undefined) throw new QueryRefusedError(`The placeholder '${slot.name}' has no value`)
      values[at] = slot.bind(value)
    }
    for (const name in given) if (!this.#names.has(name)) throw new QueryRefusedError(`There is no placeholder '${name}': the query has ${[...this.#names].join(', ') || 'none'}`)
    return values
  }
}

/** A SELECT that is fixed but for the values of its placeholders. */
export class CompiledSelect<P, Out> {
  readonly #session: Session
  readonly #template: Template
  readonly #shape: ((row: Record<string, unknown>) => void) | undefined
  readonly #options: RequestOptions | undefined

  /** @internal */
  constructor(session: Session, query: string, values: readonly unknown[], shape: ((row: Record<string, unknown>) => void) | undefined, options: QueryOptions | undefined) {
    this.#session = session
    this.#template = new Template(query, values)
    this.#shape = shape
    this.#options = selectOptions(values, options)
  }

  /** Its text. */
  get query(): string {
    return this.#template.query
  }

  /**
   * Runs it.
   *
   * @param given the value of each placeholder, by name
   * @returns all rows, up to `maxRows`
   * @throws QueryRefusedError before anything is sent, when a value is missing or names no placeholder
   */
  async execute(given: unknown extends P ? Readonly<Record<never, never>> : P, options?: QueryOptions): Promise<Out[]> {
    const { client } = this.#session
    const { query } = this.#template
    const values = this.#template.bind(given as Given)
    const own = options === undefined ? this.#options : { ...this.#options, ...options }
    const result = await client.execute(query, values, own)
    const rows = result.pageState === undefined ? result.rows : await withFurtherPages(client, query, values, own, result)
    if (this.#shape) for (const row of rows) this.#shape(row)
    return rows as Out[]
  }
}

/** A write that is fixed but for the values of its placeholders. */
export class CompiledWrite<P, Conditional extends boolean = boolean> {
  readonly #session: Session
  readonly #template: Template
  readonly #conditional: boolean
  readonly #options: RequestOptions

  /** @internal */
  constructor(session: Session, { query, values, conditional, idempotent }: WriteText, options: QueryOptions | undefined) {
    this.#session = session
    this.#template = new Template(query, values)
    this.#conditional = conditional
    this.#options = { prepare: true, ...(idempotent && { idempotent }), ...options }
  }

  /** Its text. */
  get query(): string {
    return this.#template.query
  }

  /**
   * Runs it.
   *
   * @param given the value of each placeholder, by name
   * @returns a result; of a conditional write, whether it was applied, rejected, or may have been either
   * @throws QueryRefusedError before anything is sent, when a value is missing or names no placeholder
   */
  async execute(given: unknown extends P ? Readonly<Record<never, never>> : P, options?: QueryOptions): Promise<WriteOutcome<Conditional>> {
    const { client } = this.#session
    const own = options === undefined ? this.#options : { ...this.#options, ...options }
    const values = this.#template.bind(given as Given)
    return (this.#conditional ? client.cas(this.#template.query, values, own) : client.execute(this.#template.query, values, own)) as Promise<WriteOutcome<Conditional>>
  }
}
