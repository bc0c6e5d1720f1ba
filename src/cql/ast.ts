// The syntax tree of CQL. Every node knows where it stands in the text.
import type { AddIdentityStatement, GrantPermissionStatement, GrantRoleStatement, ListPermissionsStatement, ListRolesStatement, RoleStatement } from './ast-roles.js'
import type { AlterKeyspaceStatement, AlterTableStatement, AlterTypeStatement, AlterViewStatement, CreateAggregateStatement, CreateFunctionStatement, CreateIndexStatement, CreateKeyspaceStatement, CreateTableStatement, CreateTriggerStatement, CreateTypeStatement, CreateViewStatement, DropStatement } from './ast-schema.js'
import type { Span } from './tokens.js'

export type * from './ast-roles.js'
export type * from './ast-schema.js'

/** A name: quoted ones keep their case, others are lower case. */
export interface Name extends Span {
  readonly name: string
}

/** A name that may have a keyspace in front. */
export interface QualifiedName extends Name {
  readonly keyspace?: string | undefined
}

/** Kinds of constants. */
export type LiteralKind = 'string' | 'integer' | 'float' | 'boolean' | 'null' | 'uuid' | 'blob' | 'duration'

/** A constant; `text` is what stands in the statement, without quotes. */
export interface Literal extends Span {
  readonly kind: 'literal'
  readonly type: LiteralKind
  readonly text: string
}

/** `?` or `:name`; numbered in order of appearance. */
export interface BindMarker extends Span {
  readonly kind: 'bind'
  readonly index: number
  readonly name?: string | undefined
}

/** `[a, b]`: a list or a vector. */
export interface ListTerm extends Span {
  readonly kind: 'list'
  readonly items: readonly Term[]
}

/** `{a, b}`, or `{}`, which may also be an empty map. */
export interface SetTerm extends Span {
  readonly kind: 'set'
  readonly items: readonly Term[]
}

/** `{a: b}` with terms as keys. */
export interface MapTerm extends Span {
  readonly kind: 'map'
  readonly entries: readonly { readonly key: Term; readonly value: Term }[]
}

/** `{name: b}`: a user-defined type. */
export interface UdtTerm extends Span {
  readonly kind: 'udt'
  readonly fields: readonly { readonly name: Name; readonly value: Term }[]
}

/** `(a, b)`. */
export interface TupleTerm extends Span {
  readonly kind: 'tuple'
  readonly items: readonly Term[]
}

/** `name(a, b)`; `count(*)` has `star`. */
export interface CallTerm extends Span {
  readonly kind: 'call'
  readonly function: QualifiedName
  readonly args: readonly Term[]
  readonly star?: boolean | undefined
}

/** `CAST(a AS type)`. */
export interface CastTerm extends Span {
  readonly kind: 'cast'
  readonly term: Term
  readonly type: TypeName
}

/** `(type) a`. */
export interface TypeHintTerm extends Span {
  readonly kind: 'hint'
  readonly type: TypeName
  readonly term: Term
}

/** A column, where an expression may name one. */
export interface ColumnTerm extends Span {
  readonly kind: 'column'
  readonly name: string
}

/** `a[b]`, or `a[b..c]` of a collection. */
export interface ElementTerm extends Span {
  readonly kind: 'element'
  readonly of: Term
  readonly key: Term | undefined
  /** Of a slice; undefined when it is a single element. */
  readonly slice?: { readonly from: Term | undefined; readonly to: Term | undefined } | undefined
}

/** `a.b` of a user-defined type. */
export interface FieldTerm extends Span {
  readonly kind: 'field'
  readonly of: Term
  readonly field: Name
}

/** `a + b` and the like. */
export interface BinaryTerm extends Span {
  readonly kind: 'binary'
  readonly operator: '+' | '-' | '*' | '/' | '%'
  readonly left: Term
  readonly right: Term
}

/** `- a`. */
export interface NegativeTerm extends Span {
  readonly kind: 'negative'
  readonly term: Term
}

/** Anything that has a value. */
export type Term =
  | Literal | BindMarker | ListTerm | SetTerm | MapTerm | UdtTerm | TupleTerm | CallTerm | CastTerm | TypeHintTerm | ColumnTerm | ElementTerm | FieldTerm | BinaryTerm | NegativeTerm

/** A type as text, to be read by `parseType` where user-defined types are known. */
export interface TypeName extends Span {
  readonly text: string
}

/** What stands between the two sides of a relation or condition. */
export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'IN' | 'CONTAINS' | 'CONTAINS KEY' | 'LIKE' | 'IS NOT NULL' | 'ANN'

/** What stands left of an operator in WHERE. */
export type RelationTarget =
  | { readonly kind: 'column'; readonly column: Name }
  | { readonly kind: 'columns'; readonly columns: readonly Name[] }
  | { readonly kind: 'token'; readonly columns: readonly Name[] }
  | { readonly kind: 'element'; readonly column: Name; readonly key: Term }

/** One restriction of a WHERE clause. */
export interface Relation extends Span {
  readonly target: RelationTarget
  readonly operator: Operator
  /** Undefined for IS NOT NULL; for IN a tuple term of the values, or a bind marker for the whole list. */
  readonly value?: Term | undefined
}

/** One condition of a lightweight transaction. */
export interface Condition extends Span {
  readonly column: Name
  readonly key?: Term | undefined
  readonly field?: Name | undefined
  readonly operator: Operator
  readonly value: Term
}

/** What a write depends on. */
export type Conditions = { readonly kind: 'exists' } | { readonly kind: 'not exists' } | { readonly kind: 'conditions'; readonly list: readonly Condition[] }

/** USING TIMESTAMP and TTL. */
export interface Using {
  readonly timestamp?: Term | undefined
  readonly ttl?: Term | undefined
}

/** One expression of a SELECT clause. */
export interface Selector extends Span {
  readonly term: Term
  readonly alias?: Name | undefined
  /** The text as written, of which Cassandra makes the column's name. */
  readonly text: string
}

/** One column of an ORDER BY clause. */
export interface OrderBy {
  readonly column: Name
  readonly descending: boolean
  /** `ANN OF` term. */
  readonly ann?: Term | undefined
}

/** SELECT. */
export interface SelectStatement extends Span {
  readonly kind: 'select'
  /** Undefined for `*`. */
  readonly selectors: readonly Selector[] | undefined
  readonly json: boolean
  readonly distinct: boolean
  readonly table: QualifiedName
  readonly where: readonly Relation[]
  readonly groupBy: readonly Term[]
  readonly orderBy: readonly OrderBy[]
  readonly perPartitionLimit?: Term | undefined
  readonly limit?: Term | undefined
  readonly allowFiltering: boolean
}

/** INSERT. */
export interface InsertStatement extends Span {
  readonly kind: 'insert'
  readonly table: QualifiedName
  readonly columns: readonly Name[]
  readonly values: readonly Term[]
  /** INSERT JSON; columns and values are empty then. */
  readonly json?: { readonly value: Term; readonly defaultUnset: boolean } | undefined
  readonly ifNotExists: boolean
  readonly using: Using
}

/** One assignment of an UPDATE. */
export type Assignment = Span & { readonly column: Name } & (
  | { readonly kind: 'set'; readonly value: Term }
  | { readonly kind: 'add'; readonly value: Term }
  | { readonly kind: 'prepend'; readonly value: Term }
  | { readonly kind: 'subtract'; readonly value: Term }
  | { readonly kind: 'element'; readonly key: Term; readonly value: Term }
  | { readonly kind: 'field'; readonly field: Name; readonly value: Term }
)

/** UPDATE. */
export interface UpdateStatement extends Span {
  readonly kind: 'update'
  readonly table: QualifiedName
  readonly using: Using
  readonly assignments: readonly Assignment[]
  readonly where: readonly Relation[]
  readonly conditions?: Conditions | undefined
}

/** What a DELETE removes: a column, an element or a field. */
export interface Deletion extends Span {
  readonly column: Name
  readonly key?: Term | undefined
  readonly field?: Name | undefined
}

/** DELETE. */
export interface DeleteStatement extends Span {
  readonly kind: 'delete'
  /** Empty for whole rows. */
  readonly deletions: readonly Deletion[]
  readonly table: QualifiedName
  readonly using: Using
  readonly where: readonly Relation[]
  readonly conditions?: Conditions | undefined
}

/** A statement that writes rows. */
export type Modification = InsertStatement | UpdateStatement | DeleteStatement

/** BEGIN BATCH … APPLY BATCH. */
export interface BatchStatementNode extends Span {
  readonly kind: 'batch'
  readonly type: 'logged' | 'unlogged' | 'counter'
  readonly using: Using
  readonly statements: readonly Modification[]
}

/** DESCRIBE. */
export interface DescribeStatement extends Span {
  readonly kind: 'describe'
  readonly what:
    | { readonly kind: 'cluster' | 'schema' | 'full schema' | 'keyspaces' | 'tables' | 'types' | 'functions' | 'aggregates' }
    /** Without a name it is the keyspace in use; `only` is without what is in it. */
    | { readonly kind: 'keyspace'; readonly name?: Name | undefined; readonly only: boolean }
    | { readonly kind: 'table' | 'index' | 'materialized view' | 'type' | 'function' | 'aggregate' | 'anything'; readonly name: QualifiedName }
  readonly internals: boolean
}

/** TRUNCATE. */
export interface TruncateStatement extends Span {
  readonly kind: 'truncate'
  readonly table: QualifiedName
}

/** USE. */
export interface UseStatement extends Span {
  readonly kind: 'use'
  readonly keyspace: Name
}

/** A statement of CQL. */
export type Statement =
  | SelectStatement | InsertStatement | UpdateStatement | DeleteStatement | BatchStatementNode | CreateKeyspaceStatement | AlterKeyspaceStatement | CreateTableStatement
  | AlterTableStatement | CreateTypeStatement | AlterTypeStatement | CreateIndexStatement | CreateViewStatement | AlterViewStatement | CreateFunctionStatement | CreateAggregateStatement
  | CreateTriggerStatement | DropStatement | TruncateStatement | UseStatement | RoleStatement | GrantRoleStatement | GrantPermissionStatement | ListRolesStatement | ListPermissionsStatement
  | AddIdentityStatement | DescribeStatement
