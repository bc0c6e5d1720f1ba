import { unset } from '../../codecs/index.js'
import type { ProtocolVersion, RequestMessage } from '../../protocol/index.js'

/** The keyspace that fuzzing makes and drops. */
export const KEYSPACE = 'cqlwire_fuzz'
/** The statements that EXECUTE and BATCH use. */
export const SELECT: string = `SELECT * FROM ${KEYSPACE}.t WHERE k = ?`
export const INSERT: string = `INSERT INTO ${KEYSPACE}.t (k, v, l) VALUES (?, ?, ?)`
/** Makes what the statements need. */
export const setup: readonly string[] = [
  `CREATE KEYSPACE IF NOT EXISTS ${KEYSPACE} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
  `CREATE TABLE IF NOT EXISTS ${KEYSPACE}.t (k int PRIMARY KEY, v text, l list<int>)`,
]

const int = (value: number): Uint8Array => Uint8Array.of(value >> 24, value >> 16, value >> 8, value)

/**
 * Requests that a server understands, for changes to begin with.
 *
 * @param ids of SELECT and INSERT, once they are prepared
 */
export function validRequests(version: ProtocolVersion, ids: readonly Uint8Array[]): RequestMessage[] {
  const [select = Uint8Array.of(1), insert = Uint8Array.of(2)] = ids
  const metadata = version >= 5 ? { resultMetadataId: new Uint8Array(16) } : {}
  return [
    { type: 'OPTIONS' },
    { type: 'REGISTER', events: ['SCHEMA_CHANGE', 'STATUS_CHANGE', 'TOPOLOGY_CHANGE'] },
    { type: 'QUERY', query: `SELECT * FROM ${KEYSPACE}.t`, parameters: { consistency: 'one', pageSize: 2 } },
    { type: 'QUERY', query: SELECT, parameters: { consistency: 'one', values: [int(1)], pageSize: 100, serialConsistency: 'serial', timestamp: 1n, ...(version >= 5 && { keyspace: KEYSPACE, nowInSeconds: 1 }) } },
    { type: 'QUERY', query: `INSERT INTO ${KEYSPACE}.t (k, v) VALUES (:k, :v) IF NOT EXISTS`, parameters: { consistency: 'one', values: new Map([['k', int(2)], ['v', null]]) } },
    { type: 'QUERY', query: 'SELECT key, release_version, tokens FROM system.local', parameters: { consistency: 'one' } },
    { type: 'PREPARE', query: SELECT },
    { type: 'PREPARE', query: INSERT, ...(version >= 5 && { keyspace: KEYSPACE }) },
    { type: 'EXECUTE', id: select, ...metadata, parameters: { consistency: 'one', values: [int(1)], skipMetadata: true } },
    { type: 'EXECUTE', id: insert, ...metadata, parameters: { consistency: 'one', values: [int(3), Uint8Array.of(0x61), version >= 4 ? unset : null] } },
    { type: 'BATCH', batchType: 'unlogged', statements: [{ query: `INSERT INTO ${KEYSPACE}.t (k) VALUES (?)`, values: [int(4)] }, { id: insert, values: [int(5), null, Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 9)] }], parameters: { consistency: 'one', timestamp: 2n } },
    { type: 'AUTH_RESPONSE', token: Uint8Array.of(0, 1, 0, 1) },
    { type: 'STARTUP', options: new Map([['CQL_VERSION', '3.0.0']]) },
  ]
}
