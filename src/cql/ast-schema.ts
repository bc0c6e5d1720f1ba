// Statements that change the schema, as the parser reads them.
import type { Name, QualifiedName, Relation, Selector, Term, TypeName } from './ast.js'
import type { Span } from './tokens.js'

/** The value of a WITH option: a constant or a map of them. */
export type OptionValue = string | number | boolean | { readonly [name: string]: OptionValue }

/** CREATE KEYSPACE. */
export interface CreateKeyspaceStatement extends Span {
  readonly kind: 'create keyspace'
  readonly ifNotExists: boolean
  readonly keyspace: Name
  readonly options: Readonly<Record<string, OptionValue>>
}

/** ALTER KEYSPACE. */
export interface AlterKeyspaceStatement extends Span {
  readonly kind: 'alter keyspace'
  readonly ifExists: boolean
  readonly keyspace: Name
  readonly options: Readonly<Record<string, OptionValue>>
}

/** What is shown of a column to those who may not unmask it (5.0): a function whose first argument is the column, or the type's default. */
export type Mask = { readonly kind: 'default' } | { readonly kind: 'call'; readonly function: QualifiedName; readonly args: readonly Term[] }

/** A column in CREATE TABLE or ALTER TABLE ADD. */
export interface ColumnDefinition extends Span {
  readonly column: Name
  readonly type: TypeName
  readonly isStatic: boolean
  readonly mask?: Mask | undefined
  readonly primaryKey: boolean
}

/** CREATE TABLE. */
export interface CreateTableStatement extends Span {
  readonly kind: 'create table'
  readonly ifNotExists: boolean
  readonly table: QualifiedName
  readonly columns: readonly ColumnDefinition[]
  readonly partitionKey: readonly Name[]
  readonly clusteringKey: readonly Name[]
  /** Whether the key has a clause of its own, and does not stand with its column. */
  readonly hasKeyClause: boolean
  readonly clusteringOrder: readonly { readonly column: Name; readonly descending: boolean }[]
  readonly compactStorage: boolean
  readonly options: Readonly<Record<string, OptionValue>>
}

/** ALTER TABLE. */
export interface AlterTableStatement extends Span {
  readonly kind: 'alter table'
  readonly ifExists: boolean
  readonly table: QualifiedName
  readonly change:
    | { readonly kind: 'add'; readonly ifNotExists: boolean; readonly columns: readonly ColumnDefinition[] }
    | { readonly kind: 'drop'; readonly ifExists: boolean; readonly columns: readonly Name[]; readonly timestamp?: Term | undefined }
    | { readonly kind: 'rename'; readonly ifExists: boolean; readonly columns: readonly { readonly from: Name; readonly to: Name }[] }
    /** Refused since 3.10, but CQL. */
    | { readonly kind: 'alter type'; readonly column: Name; readonly type: TypeName }
    /** Without a mask it is taken away. */
    | { readonly kind: 'mask'; readonly ifExists: boolean; readonly column: Name; readonly mask?: Mask | undefined }
    | { readonly kind: 'drop compact storage' }
    | { readonly kind: 'with'; readonly options: Readonly<Record<string, OptionValue>> }
}

/** CREATE TYPE. */
export interface CreateTypeStatement extends Span {
  readonly kind: 'create type'
  readonly ifNotExists: boolean
  readonly type: QualifiedName
  readonly fields: readonly { readonly name: Name; readonly type: TypeName }[]
}

/** ALTER TYPE. */
export interface AlterTypeStatement extends Span {
  readonly kind: 'alter type'
  readonly ifExists: boolean
  readonly type: QualifiedName
  readonly change:
    | { readonly kind: 'add'; readonly ifNotExists: boolean; readonly field: Name; readonly type: TypeName }
    | { readonly kind: 'rename'; readonly ifExists: boolean; readonly fields: readonly { readonly from: Name; readonly to: Name }[] }
}

/** What of a column an index is of. */
export interface IndexTarget extends Span {
  readonly column: Name
  readonly of: 'column' | 'values' | 'keys' | 'entries' | 'full'
}

/** CREATE INDEX. */
export interface CreateIndexStatement extends Span {
  readonly kind: 'create index'
  readonly custom: boolean
  readonly ifNotExists: boolean
  /** Without one, Cassandra makes one of the names of table and column. */
  readonly index?: QualifiedName | undefined
  readonly table: QualifiedName
  readonly targets: readonly IndexTarget[]
  /** A class, or a short name of one. */
  readonly using?: string | undefined
  readonly options: Readonly<Record<string, OptionValue>>
}

/** CREATE MATERIALIZED VIEW. */
export interface CreateViewStatement extends Span {
  readonly kind: 'create view'
  readonly ifNotExists: boolean
  readonly view: QualifiedName
  /** Undefined for `*`. */
  readonly selectors: readonly Selector[] | undefined
  readonly table: QualifiedName
  readonly where: readonly Relation[]
  readonly partitionKey: readonly Name[]
  readonly clusteringKey: readonly Name[]
  readonly clusteringOrder: readonly { readonly column: Name; readonly descending: boolean }[]
  readonly options: Readonly<Record<string, OptionValue>>
}

/** ALTER MATERIALIZED VIEW. */
export interface AlterViewStatement extends Span {
  readonly kind: 'alter view'
  readonly ifExists: boolean
  readonly view: QualifiedName
  readonly options: Readonly<Record<string, OptionValue>>
}

/** CREATE FUNCTION. */
export interface CreateFunctionStatement extends Span {
  readonly kind: 'create function'
  readonly orReplace: boolean
  readonly ifNotExists: boolean
  readonly function: QualifiedName
  readonly parameters: readonly { readonly name: Name; readonly type: TypeName }[]
  readonly calledOnNullInput: boolean
  readonly returns: TypeName
  readonly language: Name
  readonly body: string
}

/** CREATE AGGREGATE. */
export interface CreateAggregateStatement extends Span {
  readonly kind: 'create aggregate'
  readonly orReplace: boolean
  readonly ifNotExists: boolean
  readonly aggregate: QualifiedName
  readonly parameters: readonly TypeName[]
  readonly stateFunction: Name
  readonly stateType: TypeName
  readonly finalFunction?: Name | undefined
  readonly initialCondition?: Term | undefined
}

/** CREATE TRIGGER. */
export interface CreateTriggerStatement extends Span {
  readonly kind: 'create trigger'
  readonly ifNotExists: boolean
  readonly trigger: Name
  readonly table: QualifiedName
  readonly using: string
}

/** DROP of anything. */
export interface DropStatement extends Span {
  readonly kind: 'drop'
  readonly target: 'keyspace' | 'table' | 'type' | 'index' | 'materialized view' | 'function' | 'aggregate' | 'trigger' | 'role' | 'user' | 'identity'
  readonly ifExists: boolean
  readonly name: QualifiedName
  /** Of functions and aggregates: which one of several of one name. */
  readonly argumentTypes?: readonly TypeName[] | undefined
  /** Of triggers. */
  readonly table?: QualifiedName | undefined
}
