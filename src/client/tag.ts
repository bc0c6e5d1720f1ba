import { OptionError } from '../base/index.js'
import { quoteIdentifier } from '../codecs/index.js'
import type { Result } from './result.js'

/** An identifier that a tagged statement puts in quoted, not bound. */
export class Identifier {
  /** The name as CQL text. */
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** A statement made by the `cql` tag: its text, with a `?` for each interpolation, and the values. Immutable. */
export class TaggedStatement {
  readonly query: string
  readonly values: readonly unknown[]
  constructor(query: string, values: readonly unknown[]) {
    this.query = query
    this.values = Object.freeze([...values])
  }
}

/** A tagged statement of a client: it is sent when first awaited. */
export class TaggedQuery<Row = Record<string, unknown>> extends TaggedStatement implements PromiseLike<Result<Row>> {
  readonly #execute: (statement: TaggedStatement) => Promise<Result<Row>>
  #result: Promise<Result<Row>> | undefined

  constructor(statement: TaggedStatement, execute: (statement: TaggedStatement) => Promise<Result<Row>>) {
    super(statement.query, statement.values)
    this.#execute = execute
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaited is what it is for
  then<A = Result<Row>, B = never>(onResult?: ((result: Result<Row>) => A | PromiseLike<A>) | null, onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    this.#result ??= this.#execute(this)
    return this.#result.then(onResult, onError)
  }
}

/** The tag function, and what goes with it. */
export interface CqlTag {
  (strings: TemplateStringsArray, ...values: readonly unknown[]): TaggedStatement
  /** Puts a name into a statement, quoted where it must be. */
  identifier(name: string): Identifier
}

function build(strings: TemplateStringsArray, values: readonly unknown[]): TaggedStatement {
  let query = strings[0]!
  const bound: unknown[] = []
  values.forEach((value, i) => {
    if (value instanceof Identifier) query += value.text
    else if (value instanceof TaggedStatement) {
      query += value.query
      bound.push(...value.values)
    } else {
      query += '?'
      bound.push(value)
    }
    query += strings[i + 1]!
  })
  return new TaggedStatement(query, bound)
}

/**
 * Makes a statement of a template: interpolations become bind values, never text. Other statements
 * made with it are spliced in; `cql.identifier` puts in a name.
 *
 * @example
 * ```ts
 * import { cql } from 'cqlwire'
 * const recent = cql`at > ${new Date(0)}`
 * const statement = cql`SELECT * FROM ${cql.identifier('Events')} WHERE org = ${'acme'} AND ${recent}`
 * console.log(statement.query) // SELECT * FROM "Events" WHERE org = ? AND at > ?
 * ```
 */
export const cql: CqlTag = Object.assign((strings: TemplateStringsArray, ...values: readonly unknown[]) => build(strings, values), {
  identifier(name: string): Identifier {
    if (typeof name !== 'string' || name === '') throw new OptionError('identifier', 'An identifier is a text that is not empty')
    return new Identifier(quoteIdentifier(name))
  },
})
