import type { CqlType, UdtType } from '../codecs/index.js'
import type { Replication } from './replication.js'

/** A column of a table or view. */
export interface ColumnMetadata {
  readonly name: string
  readonly type: CqlType
  readonly kind: 'partitionKey' | 'clustering' | 'regular' | 'static'
  /** Place within the partition key or the clustering key, -1 for other columns. */
  readonly position: number
  /** Of a clustering column. */
  readonly order: 'asc' | 'desc' | undefined
  /** Dynamic data masking (Cassandra 5.0): the call whose first argument is the column, such as `system.mask_inner(1, 2)`. */
  readonly mask: string | undefined
}

/** A secondary index. */
export interface IndexMetadata {
  readonly name: string
  readonly kind: 'composites' | 'keys' | 'custom'
  /** What is indexed, as CQL writes it: `email`, `keys(m)`, `full(l)`. */
  readonly target: string
  /** Of a custom index, such as `StorageAttachedIndex`. */
  readonly className: string | undefined
  readonly options: Readonly<Record<string, string>>
}

/** What tables and materialised views have in common. */
export interface RelationMetadata {
  readonly keyspace: string
  readonly name: string
  readonly id: string | undefined
  /** Keys first, then static columns, then the others by name: the order of `SELECT *`. */
  readonly columns: ReadonlyMap<string, ColumnMetadata>
  readonly partitionKey: readonly ColumnMetadata[]
  readonly clusteringKey: readonly ColumnMetadata[]
  /** As `system_schema` has them: numbers, texts, maps of texts. */
  readonly options: Readonly<Record<string, unknown>>
}

/** A table. */
export interface TableMetadata extends RelationMetadata {
  readonly indexes: ReadonlyMap<string, IndexMetadata>
  readonly isCounter: boolean
  /** Made WITH COMPACT STORAGE, which Cassandra 4.0 and later only read. */
  readonly isCompact: boolean
  /** A table of `system_views` and the like: answered by each node for itself. */
  readonly isVirtual: boolean
  /** Java class of the table's own partitioner, where it has one (ScyllaDB's CDC logs). */
  readonly partitioner: string | undefined
}

/** A materialised view. */
export interface ViewMetadata extends RelationMetadata {
  readonly baseTable: string
  readonly whereClause: string
  readonly includesAllColumns: boolean
}

/** A user-defined function. */
export interface FunctionMetadata {
  readonly keyspace: string
  readonly name: string
  readonly argumentNames: readonly string[]
  readonly argumentTypes: readonly CqlType[]
  readonly returnType: CqlType
  readonly calledOnNullInput: boolean
  readonly language: string
  readonly body: string
}

/** A user-defined aggregate. */
export interface AggregateMetadata {
  readonly keyspace: string
  readonly name: string
  readonly argumentTypes: readonly CqlType[]
  readonly returnType: CqlType
  readonly stateFunction: string
  readonly stateType: CqlType
  readonly finalFunction: string | undefined
  /** A CQL literal. */
  readonly initialCondition: string | undefined
}

/** A keyspace and all that is in it: plain data, which `structuredClone` and other processes understand. */
export interface KeyspaceMetadata {
  readonly name: string
  readonly durableWrites: boolean
  /** Options of the replication strategy, `class` among them. */
  readonly replication: Readonly<Record<string, string>>
  /** The same, read. */
  readonly placement: Replication
  readonly isVirtual: boolean
  readonly tables: ReadonlyMap<string, TableMetadata>
  readonly views: ReadonlyMap<string, ViewMetadata>
  readonly types: ReadonlyMap<string, UdtType>
  /** By signature, such as `fullname(text, text)`. */
  readonly functions: ReadonlyMap<string, FunctionMetadata>
  /** By signature. */
  readonly aggregates: ReadonlyMap<string, AggregateMetadata>
}
