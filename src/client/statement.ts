import type { Column } from '../codecs/index.js'
import type { Values } from './binding.js'
import type { RequestOptions } from './options.js'
import type { Prepared } from './prepared.js'
import type { Result } from './result.js'

/** Values bound to a prepared statement, for `client.batch` and `client.execute`. */
export class BoundStatement {
  readonly statement: Statement
  readonly values: Values | undefined
  constructor(statement: Statement, values: Values | undefined) {
    this.statement = statement
    this.values = values
  }
}

/** A statement prepared with `client.prepare`. */
export class Statement<Row = Record<string, unknown>> {
  readonly query: string
  readonly keyspace: string | undefined
  /** The parameters, in order. */
  readonly variables: readonly Column[]
  readonly #execute: (values: Values | undefined, options: RequestOptions | undefined) => Promise<Result<Row>>

  constructor(prepared: Prepared, execute: (values: Values | undefined, options: RequestOptions | undefined) => Promise<Result<Row>>) {
    this.query = prepared.metadata.query
    this.keyspace = prepared.metadata.keyspace
    this.variables = prepared.metadata.variables
    this.#execute = execute
  }

  /** Runs it; see {@link Client.execute}. */
  execute(values?: Values, options?: RequestOptions): Promise<Result<Row>> {
    return this.#execute(values, options)
  }

  /** Ties values to it, to be run later. */
  bind(values?: Values): BoundStatement {
    return new BoundStatement(this as unknown as Statement, values)
  }
}
