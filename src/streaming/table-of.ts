import { OptionError } from '../base/index.js'
import type { Client, TableMetadata, ViewMetadata } from '../client/index.js'

/**
 * Finds a table or view in the schema that a client knows.
 *
 * @param name `keyspace.table`, as CQL writes it: names that are not lower case in quotes
 * @throws OptionError when there is none of that name
 */
export async function tableOf(client: Client, name: string): Promise<TableMetadata | ViewMetadata> {
  const parts = /^(?:("(?:[^"]|"")+"|\w+)\.)("(?:[^"]|"")+"|\w+)$/.exec(name)
  if (!parts) throw new OptionError('table', `'${name}' is no name of a table: write keyspace.table`)
  const [keyspace, table] = [plainName(parts[1]!), plainName(parts[2]!)]
  await client.connect()
  const find = (): TableMetadata | ViewMetadata | undefined => {
    const known = client.cluster.keyspaces.get(keyspace)
    return known?.tables.get(table) ?? known?.views.get(table)
  }
  // It may have been made by somebody else a moment ago.
  if (!find()) await client.refreshSchema()
  const found = find()
  if (!found) throw new OptionError('table', `There is no table ${name}, or the client's option 'schema' leaves its keyspace out`)
  return found
}

/** A name as the schema has it. */
function plainName(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase()
}
