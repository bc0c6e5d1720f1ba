// The syntax tree of CQL. Every node knows where it stands in the text.
import type { Span } from './tokens.js'

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

/** What a role may do and be. */
export interface RoleOptions {
  readonly password?: string | undefined
  /** Of a password that is hashed already. */
  readonly hashedPassword?: string | undefined
  readonly superuser?: boolean | undefined
  readonly login?: boolean | undefined
  /** Of the role manager. */
  readonly options?: Readonly<Record<string, OptionValue>> | undefined
  readonly dataCenters?: 'all' | readonly string[] | undefined
  readonly cidrs?: 'all' | readonly string[] | undefined
}

/** CREATE ROLE and CREATE USER, ALTER ROLE and ALTER USER. */
export interface RoleStatement extends Span {
  readonly kind: 'create role' | 'alter role'
  /** Said as USER, as before 2.2. */
  readonly asUser: boolean
  /** IF NOT EXISTS, or IF EXISTS. */
  readonly conditional: boolean
  readonly role: Name
  readonly options: RoleOptions
}

/** GRANT and REVOKE of a role. */
export interface GrantRoleStatement extends Span {
  readonly kind: 'grant role' | 'revoke role'
  readonly role: Name
  readonly grantee: Name
}

/** What permissions are of. */
export type Resource =
  | { readonly kind: 'all keyspaces' | 'all roles' | 'all functions' | 'all mbeans' }
  | { readonly kind: 'keyspace' | 'all tables' | 'keyspace functions'; readonly keyspace: Name }
  | { readonly kind: 'table'; readonly table: QualifiedName }
  | { readonly kind: 'role'; readonly role: Name }
  | { readonly kind: 'function'; readonly function: QualifiedName; readonly argumentTypes: readonly TypeName[] }
  | { readonly kind: 'mbean' | 'mbeans'; readonly name: string }

/** What somebody may do; undefined stands for all. */
export type Permission = 'CREATE' | 'ALTER' | 'DROP' | 'SELECT' | 'MODIFY' | 'AUTHORIZE' | 'DESCRIBE' | 'EXECUTE' | 'UNMASK' | 'SELECT_MASKED'

/** GRANT and REVOKE of permissions. */
export interface GrantPermissionStatement extends Span {
  readonly kind: 'grant' | 'revoke'
  readonly permissions: readonly Permission[] | undefined
  readonly resource: Resource
  readonly grantee: Name
}

/** LIST ROLES, LIST USERS. */
export interface ListRolesStatement extends Span {
  readonly kind: 'list roles' | 'list users'
  readonly of?: Name | undefined
  readonly recursive: boolean
}

/** LIST PERMISSIONS. */
export interface ListPermissionsStatement extends Span {
  readonly kind: 'list permissions'
  readonly permissions: readonly Permission[] | undefined
  readonly resource?: Resource | undefined
  readonly of?: Name | undefined
  readonly recursive: boolean
}

/** ADD IDENTITY: whose client certificate stands for a role (5.0). */
export interface AddIdentityStatement extends Span {
  readonly kind: 'add identity'
  readonly ifNotExists: boolean
  readonly identity: string
  readonly role: string
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
