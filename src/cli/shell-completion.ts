import type { KeyspaceMetadata } from '../cluster/index.js'
import { quoteIdentifier } from '../base/index.js'

/** What there is to be completed. */
export interface KnownNames {
  readonly keyspaces: ReadonlyMap<string, KeyspaceMetadata>
  /** The keyspace of unqualified names. */
  readonly keyspace: string | undefined
}

const statements = ['SELECT', 'INSERT INTO', 'UPDATE', 'DELETE FROM', 'CREATE', 'ALTER', 'DROP', 'TRUNCATE', 'USE', 'DESCRIBE', 'GRANT', 'REVOKE', 'LIST', 'BEGIN BATCH', 'BEGIN UNLOGGED BATCH', 'APPLY BATCH']
/** What the shell does itself. */
const commands = ['CLEAR', 'CONSISTENCY', 'EXIT', 'EXPAND', 'HELP', 'OUTPUT', 'PAGING', 'SERIAL CONSISTENCY', 'SOURCE', 'TIMING', 'TRACING']
const words = [
  'ALLOW FILTERING', 'AND', 'ASC', 'CLUSTERING ORDER BY', 'CONTAINS', 'CONTAINS KEY', 'COUNTER', 'CUSTOM INDEX', 'DESC', 'DISTINCT', 'FROM', 'FROZEN', 'FUNCTION', 'GROUP BY', 'IF EXISTS', 'IF NOT EXISTS', 'IN', 'INDEX', 'INTO', 'JSON', 'KEYSPACE', 'LIMIT', 'MATERIALIZED VIEW', 'NOT NULL',
  'NULL', 'ORDER BY', 'PER PARTITION LIMIT', 'PRIMARY KEY', 'ROLE', 'SET', 'STATIC', 'TABLE', 'TIMESTAMP', 'TO', 'TOKEN', 'TTL', 'TYPE', 'USING', 'VALUES', 'WHERE', 'WITH', 'WRITETIME',
]
const types = ['ascii', 'bigint', 'blob', 'boolean', 'counter', 'date', 'decimal', 'double', 'duration', 'float', 'frozen', 'inet', 'int', 'list', 'map', 'set', 'smallint', 'text', 'time', 'timestamp', 'timeuuid', 'tinyint', 'tuple', 'uuid', 'varint', 'vector']
export const consistencyLevels: readonly string[] = ['ANY', 'ONE', 'TWO', 'THREE', 'QUORUM', 'ALL', 'LOCAL_QUORUM', 'EACH_QUORUM', 'LOCAL_ONE']
const settings: Readonly<Record<string, readonly string[]>> = { CONSISTENCY: consistencyLevels, 'SERIAL CONSISTENCY': ['SERIAL', 'LOCAL_SERIAL'], TRACING: ['ON', 'OFF'], TIMING: ['ON', 'OFF'], EXPAND: ['ON', 'OFF'], PAGING: ['ON', 'OFF'], OUTPUT: ['TABLE', 'JSON', 'CSV'] }

/**
 * What the word before the cursor may become.
 *
 * @param text of the statement up to the cursor
 * @returns whole words, and the part of the text that they stand for
 */
export function completionsOf(text: string, known: KnownNames): [candidates: string[], replaced: string] {
  const partial = /[\w."]*$/.exec(text)![0]
  const before = text.slice(0, text.length - partial.length).trim().toUpperCase().split(/[\s(,]+/)
  const last = before.at(-1) ?? ''
  const candidates = candidatesAfter(text, before.filter((word) => word !== ''), last, partial, known)
  const wanted = partial.toLowerCase()
  return [[...new Set(candidates)].filter((name) => name.toLowerCase().startsWith(wanted)).sort(), partial]
}

function candidatesAfter(text: string, before: readonly string[], last: string, partial: string, known: KnownNames): readonly string[] {
  if (before.length === 0) return [...statements, ...commands].map((word) => `${word} `)
  const setting = settings[before.join(' ')]
  if (setting) return setting
  const command = before[0]!
  if (last === 'USE' || last === 'KEYSPACE') return [...known.keyspaces.keys()].map(quoteIdentifier)
  if (last === 'FROM' || last === 'INTO' || last === 'UPDATE' || last === 'TABLE' || last === 'TRUNCATE' || last === 'ON' || last === 'VIEW') return tablesOf(partial, known)
  if (command === 'DESCRIBE' || command === 'DESC') return [...tablesOf(partial, known), 'CLUSTER', 'KEYSPACE', 'KEYSPACES', 'SCHEMA', 'TABLE', 'TABLES', 'TYPE', 'TYPES']
  return [...columnsOf(text, known), ...[...words, ...statements].map((word) => `${word} `), ...(command === 'CREATE' || command === 'ALTER' ? types : [])]
}

/** Tables and views of the keyspace in use, or of the one that is named. */
function tablesOf(partial: string, { keyspaces, keyspace }: KnownNames): string[] {
  const names = (of: KeyspaceMetadata | undefined): string[] => (of ? [...of.tables.keys(), ...of.views.keys()] : [])
  const dot = partial.indexOf('.')
  if (dot >= 0) {
    const named = partial.slice(0, dot)
    return names(keyspaces.get(named.replaceAll('"', ''))).map((table) => `${named}.${quoteIdentifier(table)}`)
  }
  return [...names(keyspace === undefined ? undefined : keyspaces.get(keyspace)).map(quoteIdentifier), ...Array.from(keyspaces.keys(), (name) => `${quoteIdentifier(name)}.`)]
}

/** Columns of the tables that a statement names. */
function columnsOf(text: string, { keyspaces, keyspace }: KnownNames): string[] {
  return [...text.matchAll(/\b(?:FROM|INTO|UPDATE|TABLE|ON)\s+(?:("?[\w]+"?)\.)?("?\w+"?)/gi)].flatMap(([, of, table]) => {
    const found = keyspaces.get((of ?? keyspace ?? '').replaceAll('"', ''))
    const name = table!.replaceAll('"', '')
    return [...(found?.tables.get(name)?.columns.keys() ?? found?.views.get(name)?.columns.keys() ?? [])].map(quoteIdentifier)
  })
}
