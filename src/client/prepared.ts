import { ProtocolError } from '../base/index.js'
import { RowDecoder } from '../codecs/index.js'
import type { Codecs, Column, CqlType } from '../codecs/index.js'
import type { Connection } from '../pool/index.js'
import type { PreparedMessage, RowsMetadata } from '../protocol/index.js'
import { ParameterList } from './binding.js'
import type { Router, RouteTarget } from './router.js'
import { looksConditional, startsWithSelect } from './statement-text.js'

/** What PREPARE has told of a statement: plain data. */
export interface PreparedMetadata {
  readonly query: string
  readonly keyspace: string | undefined
  readonly id: Uint8Array
  readonly variables: readonly Column[]
  /** Places of the partition key's parts among the variables; empty when not all are bound, or on protocol v3. */
  readonly partitionKey: readonly number[]
}

/** Which columns a result has, and how they are decoded: replaced as one when the server says that they have changed. */
export interface ResultShape {
  readonly metadataId: Uint8Array | undefined
  readonly decoder: RowDecoder
}

/** The table that a statement is about, and which of its parameters are the partition key. */
export interface PartitionRouting {
  readonly target: RouteTarget
  readonly places: readonly number[]
  /** Those of the whole primary key; undefined when not all of it are parameters. */
  readonly rowPlaces: readonly number[] | undefined
}

/** A prepared statement of this client. */
export class Prepared {
  readonly metadata: PreparedMetadata
  readonly parameters: ParameterList
  /** Whether the statement begins with SELECT, which may be repeated without harm. */
  readonly isSelect: boolean
  /** Whether it is a lightweight transaction: as the server says, where it does, otherwise as far as the text tells. */
  readonly conditional: boolean
  /** Preparations under way, by node: one per node however many requests need it. */
  readonly #repreparing = new Map<string, Promise<void>>()
  readonly #codecs: Codecs
  readonly #fixedShape: boolean
  #shape: ResultShape | undefined
  #routing: PartitionRouting | undefined
  #routingVersion = -1

  readonly #onLearned: ((message: PreparedMessage) => void) | undefined
  #message: PreparedMessage

  /**
   * @param lwtMask the flag that marks lightweight transactions, on servers that set one
   * @param onLearned told of what PREPARE, or a result of other columns, has told
   */
  constructor(query: string, keyspace: string | undefined, message: PreparedMessage, codecs: Codecs, lwtMask = 0, onLearned?: (message: PreparedMessage) => void) {
    this.#onLearned = onLearned
    this.#message = message
    const { columns, partitionKey } = message.variables
    this.metadata = { query, keyspace, id: message.id, variables: columns, partitionKey }
    this.parameters = new ParameterList(columns.map((column) => ({ name: column.name, codec: codecs.of(column.type) })))
    this.isSelect = startsWithSelect(query)
    this.conditional = lwtMask === 0 ? looksConditional(query) : ((message.variables.otherFlags ?? 0) & lwtMask) !== 0
    this.#codecs = codecs
    // On v3 and v4 nobody tells when ALTER changes the columns of `*` or the fields of a UDT.
    this.#fixedShape = !query.includes('*') && !(message.result.columns ?? []).some((column) => holdsUdt(column.type))
    this.#learn(message.result, message.resultMetadataId)
  }

  /**
   * How its partitions are found.
   *
   * @returns undefined when not all parts of the key are parameters, or the table is not known
   */
  routing(router: Router): PartitionRouting | undefined {
    if (this.#routingVersion !== router.version) {
      this.#routingVersion = router.version
      const target = this.target(router)
      const places = target && this.#partitionKeyPlaces(router, this.metadata.variables[0]!)
      this.#routing = places && { target, places, rowPlaces: this.#rowPlaces(router) }
    }
    return this.#routing
  }

  /** The table that it is about, as far as it has parameters that tell. */
  target(router: Router): RouteTarget | undefined {
    const variable = this.metadata.variables[0]
    return variable && router.target(variable.keyspace, variable.table)
  }

  #rowPlaces(router: Router): readonly number[] | undefined {
    const { variables } = this.metadata
    const table = variables[0] && router.keyspaces.get(variables[0].keyspace)?.tables.get(variables[0].table)
    return table && placesOf([...table.partitionKey, ...table.clusteringKey], variables)
  }

  /** Places of the partition key's parts among the parameters, as the server has told; version 3 does not, so that they are looked up by name. */
  #partitionKeyPlaces(router: Router, { keyspace, table }: Column): readonly number[] | undefined {
    const { variables, partitionKey } = this.metadata
    if (partitionKey.length > 0) return partitionKey
    const key = router.keyspaces.get(keyspace)?.tables.get(table)?.partitionKey
    return key && key.length > 0 ? placesOf(key, variables) : undefined
  }

  /** How results are decoded whose columns the server may leave out; undefined when it must send them. */
  shapeFor(version: number): ResultShape | undefined {
    const shape = this.#shape
    if (!shape) return undefined
    return version >= 5 ? (shape.metadataId === undefined ? undefined : shape) : this.#fixedShape ? shape : undefined
  }

  /** The id of the result's columns to send with EXECUTE on version 5. */
  get metadataId(): Uint8Array | undefined {
    return this.#shape?.metadataId
  }

  /** Takes over columns that came with a result: the statement's result has changed. */
  columnsChanged(metadata: RowsMetadata): RowDecoder {
    this.#learn(metadata, metadata.newMetadataId)
    if (this.#onLearned) this.#onLearned((this.#message = { ...this.#message, result: { columnCount: metadata.columnCount, columns: metadata.columns }, resultMetadataId: metadata.newMetadataId }))
    return this.#shape!.decoder
  }

  /**
   * Prepares the statement on a node that does not know it; however many requests need it, once.
   *
   * @throws ProtocolError when the node gives it another id
   */
  prepareOn(connection: Connection): Promise<void> {
    const { address } = connection
    const underWay = this.#repreparing.get(address)
    if (underWay) return underWay
    const { query, keyspace } = this.metadata
    const preparing = connection.request({ type: 'PREPARE', query, keyspace: connection.version === 5 ? keyspace : undefined })
      .then((answer) => {
        if (answer.type !== 'RESULT' || answer.kind !== 'PREPARED') throw new ProtocolError(`PREPARE was answered by ${answer.type}`)
        this.#preparedAgain(answer, address)
      })
      .finally(() => this.#repreparing.delete(address))
    this.#repreparing.set(address, preparing)
    return preparing
  }

  #preparedAgain(message: PreparedMessage, node: string): void {
    const { id } = this.metadata
    if (message.id.length !== id.length || message.id.some((byte, i) => byte !== id[i])) {
      throw new ProtocolError(`${node} gives a prepared statement another id than the node that prepared it first: are the nodes of different versions or keyspaces?`)
    }
    this.#learn(message.result, message.resultMetadataId)
  }

  /** Columns known are never forgotten for an answer without any: LIST and DESCRIBE tell theirs only with the rows. */
  #learn(metadata: RowsMetadata, metadataId: Uint8Array | undefined): void {
    if (metadata.columns === undefined || metadata.columns.length === 0) return
    this.#shape = { metadataId, decoder: new RowDecoder(metadata.columns, this.#codecs) }
  }
}

/** Where columns are among the parameters, unless one of them is not. */
function placesOf(columns: readonly { readonly name: string }[], variables: readonly Column[]): readonly number[] | undefined {
  const places = columns.map(({ name }) => variables.findIndex((variable) => variable.name === name))
  return places.includes(-1) ? undefined : places
}

function holdsUdt(type: CqlType): boolean {
  switch (type.kind) {
    case 'udt':
      return true
    case 'list':
    case 'set':
    case 'vector':
      return holdsUdt(type.element)
    case 'map':
      return holdsUdt(type.key) || holdsUdt(type.value)
    case 'tuple':
      return type.elements.some(holdsUdt)
    default:
      return false
  }
}
