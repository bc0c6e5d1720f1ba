import { systemClock, toHex } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { timeuuid, uuid } from '../codecs/index.js'
import type { Column } from '../codecs/index.js'
import { printStatement } from '../cql/index.js'
import type { Modification, QualifiedName, Statement } from '../cql/index.js'
import { errorCodes } from '../protocol/index.js'
import type { BatchMessage, Consistency, PreparedMessage, QueryParameters, RawValue, ResultMessage, RowsMetadata, SchemaChange } from '../protocol/index.js'
import { authorize, hasPermission } from './authorize.js'
import { appliedColumn } from './conditions.js'
import { describe } from './describe.js'
import type { Durable } from './durable.js'
import { invalid, Refusal } from './errors.js'
import { planModification } from './modification.js'
import { PointInsert, PointRead } from './point-plans.js'
import { parse, PreparedStatements } from './prepared-statements.js'
import type { PreparedStatement } from './prepared-statements.js'
import { ReplicaCheck } from './replica-check.js'
import type { WriteTime } from './cell-writer.js'
import type { PlannedWrite } from './modification.js'
import { applicablePermissions, dataResource } from './resources.js'
import { executeRoleStatement } from './role-statements.js'
import { Roles } from './roles.js'
import type { Keyspace, Table, TableColumn } from './schema.js'
import { executeSchemaStatement } from './schema-statements.js'
import { executeSelect } from './select.js'
import { systemKeyspaces, writeNodeTables, writeSchemaTables, writeSystemRow } from './system-tables.js'
import type { Env } from './terms.js'
import { View } from './view.js'

/** Who the node is, as `system.local` tells. */
export interface NodeIdentity {
  /** Chosen at random, unless a folder has kept it. */
  readonly hostId: string
  readonly address: string
  readonly port: number
  readonly clusterName: string
  readonly dataCenter: string
  readonly rack: string
  readonly releaseVersion: string
  readonly tokens: readonly string[]
}

/** A node: who it is, and what its own keyspace `system` says. */
export interface DatabaseNode {
  identity: NodeIdentity
  readonly system: Keyspace
  isUp: boolean
}

/** Who asks, and where. */
export interface Caller {
  readonly node: DatabaseNode
  /** Of unqualified names. */
  readonly keyspace: string | undefined
  /** Undefined where nobody was asked who they are. */
  readonly user: string | undefined
}

/** One statement of a batch. */
interface BatchPart {
  readonly statement: Modification
  readonly values: readonly RawValue[]
  readonly keyspace: string | undefined
  readonly point: PointRead | PointInsert | null
}

/** Statements that know the keyspace which the connection is in, but not one that came with the request. */
const ofConnection: ReadonlySet<Statement['kind']> = new Set(['describe', 'grant', 'revoke', 'list permissions'] as const)
const LOCAL_STRATEGY = 'org.apache.cassandra.locator.LocalStrategy'

/** Keyspaces, tables and data of the embedded server, and the execution of statements on them. */
export class Database {
  readonly clock: Clock
  readonly keyspaces: Map<string, Keyspace> = new Map()
  readonly nodes: DatabaseNode[] = []
  schemaVersion: string = uuid.v4()
  /** Keeps it all in a folder, if anything does. */
  durable: Durable | undefined
  /** Who may log in, and do what. */
  readonly roles: Roles
  /** What clients have prepared. */
  readonly prepared: PreparedStatements
  /** Told of each change of the schema. */
  onSchemaChange: (change: SchemaChange) => void = () => {}
  #ring: ReplicaCheck | undefined
  #lastTimestamp = 0n
  #warnings: string[] = []

  constructor(clock: Clock = systemClock) {
    this.clock = clock
    for (const keyspace of systemKeyspaces()) this.keyspaces.set(keyspace.name, keyspace)
    this.roles = new Roles(this.keyspaces.get('system_auth')!, () => this.#now())
    this.prepared = new PreparedStatements(this)
  }

  /** Has a node that shares this data. */
  addNode(identity: NodeIdentity): DatabaseNode {
    const node: DatabaseNode = { identity, system: systemKeyspaces().find(({ name }) => name === 'system')!, isUp: true }
    this.nodes.push(node)
    return node
  }

  /** How many nodes each data centre has. */
  get dataCenters(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { identity: { dataCenter } } of this.nodes) counts.set(dataCenter, (counts.get(dataCenter) ?? 0) + 1)
    return counts
  }

  /** Rewrites the tables that describe the nodes and the schema. */
  publish(): void {
    const timestamp = this.#now()
    writeSchemaTables(this, timestamp)
    for (const node of this.nodes) writeNodeTables(this, node, timestamp)
    this.#ring = undefined
  }

  /** Microseconds since 1970, each later than the one before. */
  #now(): bigint {
    const now = BigInt(this.clock.wall()) * 1000n
    this.#lastTimestamp = now > this.#lastTimestamp ? now : this.#lastTimestamp + 1n
    return this.#lastTimestamp
  }

  /**
   * Runs a statement given as text.
   *
   * @throws Refusal
   */
  query(text: string, parameters: QueryParameters, caller: Caller): ResultMessage {
    const statement = parse(text)
    // Descriptions are of the connection's keyspace, whatever the request's is.
    return this.#execute(statement, parameters, ofConnection.has(statement.kind) ? caller : { ...caller, keyspace: parameters.keyspace ?? caller.keyspace })
  }

  /** Prepares a statement. @throws Refusal */
  prepare(text: string, keyspace: string | undefined): PreparedMessage {
    return this.prepared.prepare(text, keyspace)
  }

  /**
   * Runs a prepared statement.
   *
   * @param known the id of the result columns that the client knows (version 5)
   * @throws Refusal with code UNPREPARED when the id is unknown
   */
  execute(id: Uint8Array, parameters: QueryParameters, known: Uint8Array | undefined, caller: Caller): ResultMessage {
    const prepared = this.prepared.get(id)
    const result = this.#execute(prepared.statement, parameters, ofConnection.has(prepared.statement.kind) ? caller : { ...caller, keyspace: prepared.keyspace }, prepared.point)
    if (result.kind !== 'ROWS' || prepared.statement.kind !== 'select') return result
    return { ...result, metadata: slim(result.metadata, prepared, parameters, known) }
  }

  /** Runs a batch. @throws Refusal */
  batch(message: BatchMessage, caller: Caller): ResultMessage {
    const { parameters } = message
    const parts = message.statements.map(({ query, id, values }): BatchPart => {
      const prepared = id ? this.prepared.get(id) : undefined
      const statement = prepared?.statement ?? parse(query ?? '')
      if (statement.kind !== 'insert' && statement.kind !== 'update' && statement.kind !== 'delete') throw invalid('Invalid statement in batch: only UPDATE, INSERT and DELETE statements are allowed.')
      return { statement, values: values as readonly RawValue[], keyspace: prepared ? prepared.keyspace : (parameters.keyspace ?? caller.keyspace), point: prepared?.point ?? null }
    })
    for (const { statement, keyspace } of parts) this.#authorize(statement, { ...caller, keyspace })
    const time = this.#writeTime(parameters)
    return this.#write(parts.flatMap(({ statement, values, keyspace: own, point }) => this.#plan(statement, values, time, own, point)), message.batchType === 'counter', parts.map(({ statement }) => statement), parameters, caller.node)
  }

  #authorize(statement: Statement, { keyspace, user }: Caller): void {
    if (!this.roles.isEnabled && isAboutData(statement)) return
    authorize(statement, { roles: this.roles, name: user }, { keyspaces: this.keyspaces, current: keyspace })
  }

  #execute(statement: Statement, parameters: QueryParameters, caller: Caller, point: PointRead | PointInsert | null = null): ResultMessage {
    this.#authorize(statement, caller)
    const { keyspace, node } = caller
    switch (statement.kind) {
      case 'select': {
        const table = this.tableOf(statement.table, keyspace, node)
        const nowSeconds = parameters.nowInSeconds ?? Math.floor(this.clock.wall() / 1000)
        const env = this.#env(parameters.values, table.keyspace)
        const checkReplicas = (keys: readonly (readonly Uint8Array[])[] | undefined): void => this.#checkReplicas(table, keys, parameters.consistency, node)
        const row = point instanceof PointRead && !parameters.pagingState ? point.run(env, nowSeconds, checkReplicas) : undefined
        if (row) return row
        const isMasked = table.columns.some(({ mask }) => mask) && !hasPermission({ roles: this.roles, name: caller.user }, 'UNMASK', dataResource(table.keyspace, table.name))
        return executeSelect(statement, table, { ...env, isMasked }, { nowSeconds, pageSize: parameters.pageSize, pagingState: parameters.pagingState, checkReplicas, warn: (warning) => this.#warnings.push(warning) })
      }
      case 'insert':
      case 'update':
      case 'delete':
        return this.#write(this.#plan(statement, parameters.values, this.#writeTime(parameters), keyspace, point), undefined, [statement], parameters, node)
      case 'batch': {
        if (statement.using.ttl) throw invalid('Global TTL on the BATCH statement is not supported.')
        if (statement.using.timestamp && statement.statements.some((part) => part.using.timestamp)) throw invalid('Timestamp must be set either on BATCH or individual statements')
        const time = this.#writeTime(parameters)
        const plans = statement.statements.flatMap((part) => this.#plan({ ...part, using: { ...statement.using, ...part.using } }, parameters.values, time, keyspace))
        return this.#write(plans, statement.type === 'counter', statement.statements, parameters, node)
      }
      case 'truncate':
        this.#truncate(this.tableOf(statement.table, keyspace))
        return { type: 'RESULT', kind: 'VOID' }
      case 'use':
        if (!this.keyspaces.has(statement.keyspace.name)) throw invalid(`Keyspace '${statement.keyspace.name}' does not exist`)
        return { type: 'RESULT', kind: 'SET_KEYSPACE', keyspace: statement.keyspace.name }
      case 'describe':
        return describe(statement, { keyspaces: this.keyspaces, current: keyspace, clusterName: node.identity.clusterName })
      default: {
        const context = { keyspaces: this.keyspaces, current: keyspace, clock: this.clock, dataCenters: this.dataCenters, warn: (warning: string) => void this.#warnings.push(warning) }
        const ofRoles = executeRoleStatement(statement, { ...context, user: { roles: this.roles, name: caller.user } })
        if (ofRoles) return ofRoles
        const change = executeSchemaStatement(statement, context)
        if (!change) return { type: 'RESULT', kind: 'VOID' }
        this.#moveGrants(change, statement.kind === 'create keyspace' || statement.kind === 'create table' ? caller.user : undefined)
        this.schemaVersion = uuid.v4()
        this.durable?.schema(printStatement(statement), keyspace)
        this.publish()
        this.onSchemaChange(change)
        return { type: 'RESULT', kind: 'SCHEMA_CHANGE', ...change }
      }
    }
  }

  /** Who makes a keyspace or table may do anything with it; what was granted on one that is gone goes with it. @param maker of a keyspace or table */
  #moveGrants({ change, target, keyspace, name }: SchemaChange, maker: string | undefined): void {
    if (target !== 'KEYSPACE' && target !== 'TABLE') return
    const resources = target === 'TABLE' ? [dataResource(keyspace, name)] : [dataResource(keyspace), `functions/${keyspace}`]
    for (const resource of resources) {
      if (change === 'DROPPED') this.roles.revokeAllOn(resource)
      else if (change === 'CREATED' && maker !== undefined) this.roles.grant(maker, applicablePermissions(resource), resource)
    }
  }

  #truncate(table: Table): void {
    if (table instanceof View) throw invalid('Cannot TRUNCATE materialized view directly; must truncate base table instead')
    table.store.truncate()
  }

  /**
   * Refuses what fewer replicas are up for than the consistency level asks.
   *
   * @param keys partitions that are read or written; undefined for all of them
   */
  #checkReplicas(table: Table, keys: readonly (readonly Uint8Array[])[] | undefined, consistency: Consistency, node: DatabaseNode): void {
    // Where all are up, only levels that are numbers can ask for more than there are.
    if (this.nodes.every(({ isUp }) => isUp) && consistency !== 'two' && consistency !== 'three') return
    const keyspace = this.keyspaces.get(table.keyspace)!
    if (keyspace.replication['class'] === LOCAL_STRATEGY || table.keyspace === 'system') return
    this.#ring ??= new ReplicaCheck(this.nodes)
    this.#ring.check(keyspace.replication, keys, consistency, node.identity.dataCenter)
  }

  #plan(statement: Modification, values: QueryParameters['values'], time: WriteTime, keyspace: string | undefined, point: PointRead | PointInsert | null = null): PlannedWrite[] {
    const table = this.tableOf(statement.table, keyspace)
    if (this.keyspaces.get(table.keyspace)!.system && table.keyspace !== 'system_traces') throw new Refusal(errorCodes.UNAUTHORIZED, `${table.keyspace} keyspace is not user-modifiable.`)
    if (table instanceof View) throw invalid('Cannot directly modify a materialized view')
    const env = this.#env(values, table.keyspace)
    const planned = point instanceof PointInsert ? point.plan(env, time) : undefined
    return planned ? [planned] : planModification(statement, table, env, time)
  }

  #env(values: QueryParameters['values'], keyspace: string): Env {
    return { values: values as Env['values'], clock: this.clock, keyspace: this.keyspaces.get(keyspace) }
  }

  #writeTime(parameters: Pick<QueryParameters, 'timestamp' | 'nowInSeconds'>): WriteTime {
    return { timestamp: parameters.timestamp ?? this.#now(), nowSeconds: parameters.nowInSeconds ?? Math.floor(this.clock.wall() / 1000) }
  }

  /** Does what was planned; with conditions all of it or nothing. */
  #write(plans: readonly PlannedWrite[], counterBatch: boolean | undefined, statements: readonly Modification[], { consistency, serialConsistency }: Pick<QueryParameters, 'consistency' | 'serialConsistency'>, node: DatabaseNode): ResultMessage {
    if (counterBatch !== undefined && statements.length > 0) {
      if (counterBatch && plans.some(({ table }) => !table.isCounter)) throw invalid('Cannot include non-counter statement in a counter batch')
      if (!counterBatch && plans.some(({ table }) => table.isCounter)) throw invalid('Cannot include a counter statement in a logged batch')
    }
    const conditional = plans.filter(({ condition }) => condition !== undefined)
    for (const { table, key } of plans) this.#checkReplicas(table, [key], conditional.length > 0 ? (serialConsistency ?? 'serial') : consistency, node)
    if (conditional.length > 0) {
      const [first] = conditional
      if (plans.some(({ table, key }) => table !== first!.table || key.join() !== first!.key.join())) {
        throw invalid(plans.some(({ table }) => table !== first!.table) ? 'Batch with conditions cannot span multiple tables' : 'Batch with conditions cannot span multiple partitions')
      }
      const applied = conditional.every(({ condition }) => condition!.holds())
      if (applied) for (const plan of plans) plan.apply()
      return appliedResult(first!.table, applied, conditional, statements.length > 1)
    }
    for (const plan of plans) plan.apply()
    return { type: 'RESULT', kind: 'VOID' }
  }

  /** The table or view of a name. @param node whose own tables are meant, where there are such @throws Refusal */
  tableOf(name: QualifiedName, current: string | undefined, node?: DatabaseNode): Table {
    const keyspaceName = name.keyspace ?? current
    if (keyspaceName === undefined) throw invalid('No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename')
    const keyspace = keyspaceName === 'system' && node ? node.system : this.keyspaces.get(keyspaceName)
    if (!keyspace) throw invalid(`keyspace ${keyspaceName} does not exist`)
    const table = keyspace.tables.get(name.name) ?? keyspace.views.get(name.name)
    if (!table) throw invalid(`table ${name.name} does not exist`)
    return table
  }

  /** Warnings of the statements executed since the last call. */
  takeWarnings(): readonly string[] {
    return this.#warnings.splice(0)
  }

  /** Records how a request was executed. @returns the id of the trace */
  trace(request: string, parameters: Readonly<Record<string, string>>, client: string, durationMicros: number, node: DatabaseNode): string {
    const id = timeuuid.now(this.clock)
    const tables = this.keyspaces.get('system_traces')!.tables
    const { address, port } = node.identity
    const timestamp = this.#now()
    const events: readonly [activity: string, elapsed: number][] = [['Parsing the statement', 0], ['Executing it on the embedded server', Math.floor(durationMicros / 2)], ['Request complete', durationMicros]]
    for (const [activity, elapsed] of events) {
      writeSystemRow(tables.get('events')!, { session_id: id, event_id: timeuuid.now(this.clock), activity, source: address, source_elapsed: elapsed, source_port: port, thread: 'main' }, timestamp)
    }
    writeSystemRow(tables.get('sessions')!, {
      session_id: id, client, command: 'QUERY', coordinator: address, coordinator_port: port, duration: durationMicros, parameters, request, started_at: BigInt(this.clock.wall()),
    }, timestamp)
    return id
  }
}

/** Leaves out columns that the client has asked to leave out, unless they have changed since it learnt them. */
function slim(metadata: RowsMetadata, { message }: PreparedStatement, { skipMetadata }: QueryParameters, known: Uint8Array | undefined): RowsMetadata {
  const current = message.resultMetadataId!
  if (known && toHex(known) !== toHex(current)) return { ...metadata, newMetadataId: current }
  return skipMetadata ? { ...metadata, columns: undefined } : metadata
}

/** What anybody may do where nobody is asked who they are. */
function isAboutData({ kind }: Statement): boolean {
  return kind === 'select' || kind === 'insert' || kind === 'update' || kind === 'delete' || kind === 'batch'
}

/** The one row that answers a lightweight transaction. */
function appliedResult(table: Table, applied: boolean, plans: readonly PlannedWrite[], batch: boolean): ResultMessage {
  const applied_ = appliedColumn(table)
  const column = (shown: TableColumn): Column => ({ name: shown.name, type: shown.type, keyspace: table.keyspace, table: table.name })
  const flag = Uint8Array.of(applied ? 1 : 0)
  const failed = plans.filter(({ condition }) => condition!.current() !== undefined)
  if (applied || failed.length === 0) return { type: 'RESULT', kind: 'ROWS', metadata: { columnCount: 1, columns: [applied_] }, rows: [[flag]] }
  const wanted = new Set(plans.flatMap(({ condition }) => condition!.shown))
  const shown = batch ? table.ordered.filter((c) => wanted.has(c) || c.kind === 'partition_key' || c.kind === 'clustering') : [...wanted]
  const rows = failed.map(({ condition }) => [flag, ...shown.map(condition!.current()!)])
  return { type: 'RESULT', kind: 'ROWS', metadata: { columnCount: shown.length + 1, columns: [applied_, ...shown.map(column)] }, rows: batch ? rows : rows.slice(0, 1) }
}
