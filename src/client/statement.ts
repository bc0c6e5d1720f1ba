import { ByteWriter, copyBytes } from '../base/index.js'
import type { Column } from '../codecs/index.js'
import { bindPrepared } from './binding.js'
import type { Values } from './binding.js'
import type { Core } from './core.js'
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
  readonly #prepared: Prepared
  readonly #core: Core
  readonly #execute: (values: Values | undefined, options: RequestOptions | undefined) => Promise<Result<Row>>

  constructor(prepared: Prepared, core: Core, execute: (values: Values | undefined, options: RequestOptions | undefined) => Promise<Result<Row>>) {
    this.#prepared = prepared
    this.#core = core
    this.query = prepared.metadata.query
    this.keyspace = prepared.metadata.keyspace
    this.variables = prepared.metadata.variables
    this.#execute = execute
  }

  /** Runs it; see {@link Client.execute}. */
  execute(values?: Values, options?: RequestOptions): Promise<Result<Row>> {
    return this.#execute(values, options)
  }

  /**
   * The partition key that values have, as `client.cluster.tokenOf` takes it.
   *
   * @returns undefined when not all of its parts are parameters, or one of them does not fit its type
   * @throws CodecError when there are too few or too many values, or names do not match
   */
  routingKey(values: Values): Uint8Array | undefined {
    return this.#keyOf(values, this.#prepared.routing(this.#core.router)?.places)
  }

  /** As {@link routingKey}, of the whole primary key: what tells rows apart. */
  primaryKey(values: Values): Uint8Array | undefined {
    return this.#keyOf(values, this.#prepared.routing(this.#core.router)?.rowPlaces)
  }

  #keyOf(values: Values, places: readonly number[] | undefined): Uint8Array | undefined {
    const key = places && bindPrepared(this.#prepared.parameters, values)?.routingKey(places)
    return key && copyBytes(key.bytes, key.start, key.end)
  }

  /**
   * Bytes that values take in a request.
   *
   * @throws CodecError, which names the value that does not fit
   */
  encodedLength(values: Values): number {
    const writer = new ByteWriter()
    bindPrepared(this.#prepared.parameters, values)?.write(writer, this.#core.version ?? 5)
    return writer.pos
  }

  /** Ties values to it, to be run later. */
  bind(values?: Values): BoundStatement {
    return new BoundStatement(this as unknown as Statement, values)
  }
}
