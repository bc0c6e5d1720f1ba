import { resolve } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { OptionError } from '../base/index.js'
import type { Client, KeyspaceMetadata } from '../client/index.js'
import { Table } from '../orm/index.js'

/** The tables that a module exports, alone or in objects of them. */
export async function declaredTables(file: string): Promise<Record<string, Table>> {
  const found: Record<string, Table> = {}
  let exported: Readonly<Record<string, unknown>>
  try {
    exported = (await import(pathToFileURL(resolve(file)).href)) as Readonly<Record<string, unknown>>
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error
    throw new OptionError('schema', `Node ${process.version} does not read TypeScript: compile ${file} first, or use Node 22.18 or later`)
  }
  for (const value of Object.values(exported).flatMap((each) => (each instanceof Table ? [each] : typeof each === 'object' && each !== null ? Object.values(each) : []))) if (value instanceof Table) found[value.name] = value
  if (Object.keys(found).length === 0) throw new OptionError('schema', `${file} exports no tables of cqlwire/orm`)
  return found
}

/**
 * A keyspace as it is, without what cqlwire keeps there for itself.
 *
 * @throws OptionError when there is no such keyspace
 */
export async function liveKeyspace(client: Client, name: string): Promise<KeyspaceMetadata> {
  await client.refreshSchema()
  const live = client.cluster.keyspaces.get(name)
  if (!live) throw new OptionError('keyspace', `There is no keyspace ${name}`)
  return { ...live, tables: new Map([...live.tables].filter(([table]) => !table.startsWith('cqlwire_'))) }
}
