import { typeToCql } from '../codecs/index.js'
import { parseStatement } from '../cql/index.js'
import { maskValueText } from './column-mask.js'
import type { ColumnMask } from './column-mask.js'
import type { Database, DatabaseNode } from './database.js'
import { RowView } from './row-view.js'
import { Keyspace, Table } from './schema.js'
import type { TableColumn } from './schema.js'
import { tableColumns } from './table-statements.js'
import { decodeValue, encodeValue } from './values.js'
import { targetOf } from './index-definition.js'

/** What the system tables of Apache Cassandra 5.0 look like. */
const definitions: Readonly<Record<string, readonly string[]>> = {
  system: [
    'CREATE TABLE local (key text, bootstrapped text, broadcast_address inet, broadcast_port int, cluster_name text, cql_version text, data_center text, gossip_generation int, host_id uuid, listen_address inet, listen_port int, native_protocol_version text, partitioner text, rack text, release_version text, rpc_address inet, rpc_port int, schema_version uuid, tokens set<text>, truncated_at map<uuid, blob>, PRIMARY KEY (key))',
    'CREATE TABLE peers (peer inet, data_center text, host_id uuid, preferred_ip inet, rack text, release_version text, rpc_address inet, schema_version uuid, tokens set<text>, PRIMARY KEY (peer))',
    'CREATE TABLE peers_v2 (peer inet, peer_port int, data_center text, host_id uuid, native_address inet, native_port int, preferred_ip inet, preferred_port int, rack text, release_version text, schema_version uuid, tokens set<text>, PRIMARY KEY (peer, peer_port))',
    'CREATE TABLE size_estimates (keyspace_name text, table_name text, range_start text, range_end text, mean_partition_size bigint, partitions_count bigint, PRIMARY KEY (keyspace_name, table_name, range_start, range_end))',
  ],
  system_schema: [
    'CREATE TABLE aggregates (keyspace_name text, aggregate_name text, argument_types frozen<list<text>>, final_func text, initcond text, return_type text, state_func text, state_type text, PRIMARY KEY (keyspace_name, aggregate_name, argument_types))',
    'CREATE TABLE column_masks (keyspace_name text, table_name text, column_name text, function_argument_nulls frozen<list<boolean>>, function_argument_types frozen<list<text>>, function_argument_values frozen<list<text>>, function_keyspace text, function_name text, PRIMARY KEY (keyspace_name, table_name, column_name))',
    'CREATE TABLE columns (keyspace_name text, table_name text, column_name text, clustering_order text, column_name_bytes blob, kind text, position int, type text, PRIMARY KEY (keyspace_name, table_name, column_name))',
    'CREATE TABLE dropped_columns (keyspace_name text, table_name text, column_name text, dropped_time timestamp, kind text, type text, PRIMARY KEY (keyspace_name, table_name, column_name))',
    'CREATE TABLE functions (keyspace_name text, function_name text, argument_types frozen<list<text>>, argument_names frozen<list<text>>, body text, called_on_null_input boolean, language text, return_type text, PRIMARY KEY (keyspace_name, function_name, argument_types))',
    'CREATE TABLE indexes (keyspace_name text, table_name text, index_name text, kind text, options frozen<map<text, text>>, PRIMARY KEY (keyspace_name, table_name, index_name))',
    'CREATE TABLE keyspaces (keyspace_name text, durable_writes boolean, replication frozen<map<text, text>>, PRIMARY KEY (keyspace_name))',
    'CREATE TABLE tables (keyspace_name text, table_name text, additional_write_policy text, allow_auto_snapshot boolean, bloom_filter_fp_chance double, caching frozen<map<text, text>>, cdc boolean, comment text, compaction frozen<map<text, text>>, compression frozen<map<text, text>>, crc_check_chance double, dclocal_read_repair_chance double, default_time_to_live int, extensions frozen<map<text, blob>>, flags frozen<set<text>>, gc_grace_seconds int, id uuid, incremental_backups boolean, max_index_interval int, memtable text, memtable_flush_period_in_ms int, min_index_interval int, read_repair text, read_repair_chance double, speculative_retry text, PRIMARY KEY (keyspace_name, table_name))',
    'CREATE TABLE triggers (keyspace_name text, table_name text, trigger_name text, options frozen<map<text, text>>, PRIMARY KEY (keyspace_name, table_name, trigger_name))',
    'CREATE TABLE types (keyspace_name text, type_name text, field_names frozen<list<text>>, field_types frozen<list<text>>, PRIMARY KEY (keyspace_name, type_name))',
    'CREATE TABLE views (keyspace_name text, view_name text, additional_write_policy text, allow_auto_snapshot boolean, base_table_id uuid, base_table_name text, bloom_filter_fp_chance double, caching frozen<map<text, text>>, cdc boolean, comment text, compaction frozen<map<text, text>>, compression frozen<map<text, text>>, crc_check_chance double, dclocal_read_repair_chance double, default_time_to_live int, extensions frozen<map<text, blob>>, gc_grace_seconds int, id uuid, include_all_columns boolean, incremental_backups boolean, max_index_interval int, memtable text, memtable_flush_period_in_ms int, min_index_interval int, read_repair text, read_repair_chance double, speculative_retry text, where_clause text, PRIMARY KEY (keyspace_name, view_name))',
  ],
  system_auth: [
    "CREATE TABLE roles (role text, can_login boolean, is_superuser boolean, member_of set<text>, salted_hash text, PRIMARY KEY (role)) WITH gc_grace_seconds = 7776000 AND comment = 'role definitions'",
    "CREATE TABLE role_members (role text, member text, PRIMARY KEY (role, member)) WITH gc_grace_seconds = 7776000 AND comment = 'role memberships lookup table'",
    "CREATE TABLE role_permissions (role text, resource text, permissions set<text>, PRIMARY KEY (role, resource)) WITH gc_grace_seconds = 7776000 AND comment = 'permissions granted to db roles'",
    "CREATE TABLE resource_role_permissons_index (resource text, role text, PRIMARY KEY (resource, role)) WITH gc_grace_seconds = 7776000 AND comment = 'index of db roles with permissions granted on a resource'",
    "CREATE TABLE network_permissions (role text, dcs frozen<set<text>>, PRIMARY KEY (role)) WITH gc_grace_seconds = 7776000 AND comment = 'user network permissions'",
    "CREATE TABLE cidr_permissions (role text, cidr_groups frozen<set<text>>, PRIMARY KEY (role)) WITH gc_grace_seconds = 7776000 AND comment = 'user cidr permissions'",
    "CREATE TABLE cidr_groups (cidr_group text, cidrs frozen<set<tuple<inet, smallint>>>, PRIMARY KEY (cidr_group)) WITH gc_grace_seconds = 7776000 AND comment = 'cidr groups to cidrs mapping'",
    "CREATE TABLE identity_to_role (identity text, role text, PRIMARY KEY (identity)) WITH gc_grace_seconds = 7776000 AND comment = 'mtls authorized identities lookup table'",
  ],
  system_traces: [
    'CREATE TABLE events (session_id uuid, event_id timeuuid, activity text, source inet, source_elapsed int, source_port int, thread text, PRIMARY KEY (session_id, event_id))',
    'CREATE TABLE sessions (session_id uuid, client inet, command text, coordinator inet, coordinator_port int, duration int, parameters map<text, text>, request text, started_at timestamp, PRIMARY KEY (session_id))',
  ],
  system_virtual_schema: [
    'CREATE TABLE columns (keyspace_name text, table_name text, column_name text, clustering_order text, column_name_bytes blob, kind text, position int, type text, PRIMARY KEY (keyspace_name, table_name, column_name))',
    'CREATE TABLE keyspaces (keyspace_name text, PRIMARY KEY (keyspace_name))',
    'CREATE TABLE tables (keyspace_name text, table_name text, comment text, PRIMARY KEY (keyspace_name, table_name))',
  ],
}

const replications: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  system_auth: { class: 'org.apache.cassandra.locator.SimpleStrategy', replication_factor: '1' },
  system_traces: { class: 'org.apache.cassandra.locator.SimpleStrategy', replication_factor: '2' },
}
const LOCAL = { class: 'org.apache.cassandra.locator.LocalStrategy' }

/** Cassandra's own keyspaces, with empty tables. */
export function systemKeyspaces(): Keyspace[] {
  return Object.entries(definitions).map(([name, statements]) => {
    const keyspace = new Keyspace(name, replications[name] ?? LOCAL, true, true)
    for (const text of statements) {
      const statement = parseStatement(text)
      if (statement.kind !== 'create table') continue
      keyspace.tables.set(statement.table.name, new Table(name, statement.table.name, tableColumns(statement, keyspace), statement.options))
    }
    return keyspace
  })
}

/** Writes one row of a system table, given as JavaScript values by column. */
export function writeSystemRow(table: Table, values: Readonly<Record<string, unknown>>, timestamp: bigint): void {
  const encode = (column: TableColumn): Uint8Array => encodeValue(column.type, values[column.name])
  const { store } = table
  const partition = store.open(table.partitionKey.map(encode))
  const row = store.openRow(partition, table.clusteringKey.map(encode))
  store.writeLiveness(row, { timestamp, ttl: 0, expires: 0 })
  for (const column of table.columns) {
    const value = values[column.name]
    if (column.kind !== 'regular' || value === undefined || value === null) continue
    if (column.type.kind === 'set' && column.type.frozen !== true) {
      const { element } = column.type
      for (const item of value as Iterable<unknown>) store.writePart(row, column, encodeValue(element, item), { value: new Uint8Array(0), timestamp, ttl: 0, expires: 0 })
    } else if (column.type.kind === 'map' && column.type.frozen !== true) {
      for (const [key, item] of Object.entries(value)) {
        store.writePart(row, column, encodeValue(column.type.key, key), { value: encodeValue(column.type.value, item), timestamp, ttl: 0, expires: 0 })
      }
    } else store.writeCell(row, column, { value: encodeValue(column.type, column.type.kind === 'map' ? inOrder(value) : value), timestamp, ttl: 0, expires: 0 })
  }
}

/** The rows of a system table, as JavaScript values by column. */
export function* readSystemRows(table: Table): Generator<Readonly<Record<string, unknown>>> {
  for (const partition of table.store.partitions) {
    for (const row of partition.rows) {
      if (!table.store.rowExists(partition, row, 0)) continue
      const view = new RowView(table, partition, row, 0)
      yield Object.fromEntries(table.columns.flatMap((column) => {
        const bytes = view.get(column)
        return bytes ? [[column.name, decodeValue(column.type, bytes)]] : []
      }))
    }
  }
}

/** Deletes one row of a system table, given by its key. */
export function removeSystemRow(table: Table, values: Readonly<Record<string, unknown>>, timestamp: bigint): void {
  const encode = (column: TableColumn): Uint8Array => encodeValue(column.type, values[column.name])
  const { store } = table
  store.deleteRow(store.openRow(store.open(table.partitionKey.map(encode)), table.clusteringKey.map(encode)), timestamp)
}

/** A map of texts with its keys in order, as maps are kept. */
function inOrder(map: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What a table has for options that its definition does not name. */
const defaults: Readonly<Record<string, unknown>> = {
  additional_write_policy: '99p', bloom_filter_fp_chance: 0.01, caching: { keys: 'ALL', rows_per_partition: 'NONE' }, comment: '',
  compaction: { class: 'org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy', max_threshold: '32', min_threshold: '4' },
  compression: { chunk_length_in_kb: '16', class: 'org.apache.cassandra.io.compress.LZ4Compressor' }, crc_check_chance: 1, dclocal_read_repair_chance: 0, default_time_to_live: 0,
  extensions: {}, gc_grace_seconds: 864_000, max_index_interval: 2048, memtable_flush_period_in_ms: 0, min_index_interval: 128, read_repair: 'BLOCKING', read_repair_chance: 0,
  speculative_retry: '99p',
}

const STRATEGIES = 'org.apache.cassandra.db.compaction.'

/** Options as their system table holds them: maps of text, numbers, texts. */
export function optionsOf(table: Table): Record<string, unknown> {
  const known = Object.entries(table.options).filter(([name]) => name in defaults || ['cdc', 'memtable', 'allow_auto_snapshot', 'incremental_backups'].includes(name))
  const given = Object.fromEntries(known.map(([name, value]) => [name, typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, String(v)])) : value]))
  return { ...defaults, ...given, ...(given['compaction'] !== undefined && compactionOf(given['compaction'] as Record<string, string>, given['bloom_filter_fp_chance'])) }
}

/** A strategy has its full name, and thresholds where it knows some; one of them another chance of false positives. */
function compactionOf(options: Readonly<Record<string, string>>, chance: unknown): Record<string, unknown> {
  const name = options['class']!.startsWith(STRATEGIES) ? options['class']! : STRATEGIES + options['class']!
  const thresholds = name.endsWith('UnifiedCompactionStrategy') ? {} : { max_threshold: '32', min_threshold: '4' }
  return { compaction: { ...thresholds, ...options, class: name }, ...(name.endsWith('LeveledCompactionStrategy') && chance === undefined && { bloom_filter_fp_chance: 0.1 }) }
}

/** Rewrites `system_schema` from what the keyspaces are now. */
export function writeSchemaTables(database: Database, timestamp: bigint): void {
  const table = (name: string): Table => database.keyspaces.get('system_schema')!.tables.get(name)!
  const writeColumns = (definition: Table): void => {
    for (const column of definition.columns) {
      writeSystemRow(table('columns'), columnRow(definition, column), timestamp)
      if (column.mask) writeSystemRow(table('column_masks'), maskRow(definition, column.name, column.mask), timestamp)
    }
  }
  for (const name of ['keyspaces', 'tables', 'columns', 'column_masks', 'types', 'indexes', 'views']) table(name).store.truncate()
  for (const keyspace of database.keyspaces.values()) {
    if (keyspace.name === 'system_virtual_schema') continue
    const base = { keyspace_name: keyspace.name }
    writeSystemRow(table('keyspaces'), { ...base, durable_writes: keyspace.durableWrites, replication: keyspace.replication }, timestamp)
    for (const type of keyspace.types.values()) {
      writeSystemRow(table('types'), { ...base, type_name: type.name, field_names: type.fields.map((field) => field.name), field_types: type.fields.map((field) => typeToCql(field.type)) }, timestamp)
    }
    for (const definition of keyspace.tables.values()) {
      const flags = definition.isCounter ? ['compound', 'counter'] : ['compound']
      writeSystemRow(table('tables'), { ...base, table_name: definition.name, id: definition.id, flags, ...optionsOf(definition) }, timestamp)
      writeColumns(definition)
      for (const index of definition.indexes.values()) {
        const options = { target: targetOf(index), ...(index.className !== undefined && { class_name: index.className }), ...index.options }
        writeSystemRow(table('indexes'), { ...base, table_name: definition.name, index_name: index.name, kind: index.kind === 'secondary' ? 'COMPOSITES' : 'CUSTOM', options }, timestamp)
      }
    }
    for (const view of keyspace.views.values()) {
      const { base: of, includesAll, whereText } = view.definition
      writeSystemRow(table('views'), { ...base, view_name: view.name, id: view.id, base_table_id: of.id, base_table_name: of.name, include_all_columns: includesAll, where_clause: whereText, ...optionsOf(view) }, timestamp)
      writeColumns(view)
    }
  }
}

function maskRow({ keyspace, name: table }: Table, column: string, { name, args }: ColumnMask): Record<string, unknown> {
  return {
    keyspace_name: keyspace, table_name: table, column_name: column, function_keyspace: 'system', function_name: name, function_argument_types: args.map(({ type }) => typeToCql(type)),
    function_argument_values: args.map(({ type, value }) => maskValueText(type, value)), function_argument_nulls: args.map(({ value }) => value === null),
  }
}

function columnRow(table: Table, column: TableColumn): Record<string, unknown> {
  return {
    keyspace_name: table.keyspace, table_name: table.name, column_name: column.name, column_name_bytes: new TextEncoder().encode(column.name),
    clustering_order: column.kind === 'clustering' ? (column.descending ? 'desc' : 'asc') : 'none', kind: column.kind, position: column.position, type: typeToCql(column.type),
  }
}

/** Writes `system.local`, which tells clients who a node is, and its tables of the other nodes. */
export function writeNodeTables({ clock, schemaVersion, nodes }: Database, { identity, system }: DatabaseNode, timestamp: bigint): void {
  const table = (name: string): Table => system.tables.get(name)!
  writeSystemRow(table('local'), {
    key: 'local', bootstrapped: 'COMPLETED', broadcast_address: identity.address, broadcast_port: 7000, cluster_name: identity.clusterName, cql_version: '3.4.7', data_center: identity.dataCenter,
    gossip_generation: Math.floor(clock.wall() / 1000), host_id: identity.hostId, listen_address: identity.address, listen_port: 7000, native_protocol_version: '5',
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner', rack: identity.rack, release_version: identity.releaseVersion, rpc_address: identity.address, rpc_port: identity.port,
    schema_version: schemaVersion, tokens: identity.tokens, truncated_at: {},
  }, timestamp)
  for (const name of ['peers', 'peers_v2']) table(name).store.truncate()
  nodes.forEach(({ identity: other }, i) => {
    if (other.hostId === identity.hostId) return
    const shared = { peer: other.address, data_center: other.dataCenter, host_id: other.hostId, preferred_ip: other.address, rack: other.rack, release_version: other.releaseVersion, schema_version: schemaVersion, tokens: other.tokens }
    // Nodes of one address differ by their ports, which the older table has no place for.
    writeSystemRow(table('peers_v2'), { ...shared, peer_port: 7000 + i, native_address: other.address, native_port: other.port, preferred_port: 7000 + i }, timestamp)
    if (other.address !== identity.address) writeSystemRow(table('peers'), { ...shared, rpc_address: other.address }, timestamp)
  })
}
