import { writeFileSync } from 'node:fs'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { OptionError } from '../base/index.js'
import { tableSource } from '../migrate/index.js'
import { connect, connectHelp, connectOptions } from './connect-options.node.js'
import { explains } from './usage.node.js'

const help = `Usage: cqlwire pull --keyspace NAME [options]

Writes TypeScript that declares the tables and types of a keyspace, for cqlwire/orm.

Options:
${connectHelp}
  --keyspace NAME          keyspace to read
  --tables NAMES           only these tables, with commas between
  --out FILE               where to write (default: print)
  --help                   show this
`

/** `cqlwire pull`. */
export async function pull(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { ...connectOptions, keyspace: { type: 'string' }, tables: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
  if (explains(help, values.help, values.keyspace !== undefined) || values.keyspace === undefined) return
  await using client = await connect(values, 'pull')
  await client.refreshSchema()
  const keyspace = client.cluster.keyspaces.get(values.keyspace)
  if (!keyspace) throw new OptionError('keyspace', `There is no keyspace ${values.keyspace}`)
  const only = values.tables?.split(',')
  const unknown = only?.find((name) => !keyspace.tables.has(name))
  if (unknown !== undefined) throw new OptionError('tables', `There is no table ${unknown} in ${values.keyspace}`)
  const source = tableSource(keyspace, only)
  if (values.out === undefined) process.stdout.write(source)
  else writeFileSync(values.out, source)
}
