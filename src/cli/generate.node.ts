import process from 'node:process'
import { parseArgs } from 'node:util'
import { diffSchemas, migrationId } from '../migrate/index.js'
import { schemaOf } from '../orm/index.js'
import { connect, connectHelp, connectOptions } from './connect-options.node.js'
import { declaredTables, liveKeyspace } from './declared-tables.node.js'
import { writeMigration } from './migrations-folder.node.js'
import { explains } from './usage.node.js'

const help = `Usage: cqlwire generate --keyspace NAME --schema FILE [options]

Compares the tables that a module exports with those of a keyspace, and writes a migration that makes one of the other.
What would be lost is left alone unless it is named.

Options:
${connectHelp}
  --keyspace NAME          keyspace to compare with
  --schema FILE            module that exports tables of cqlwire/orm; TypeScript where Node reads it (22.18 and later)
  --dir FOLDER             where migrations are (default migrations)
  --name NAME              of the migration (default change)
  --allow-loss NAMES       what may be dropped, with commas between: table:users,column:users.email,type:address
  --dry-run                print the statements, and write nothing
  --json                   print the result as JSON
  --help                   show this

Ends with 1 when there is a difference that CQL cannot make up for.
`

/** `cqlwire generate`. */
export async function generate(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args], options: {
      ...connectOptions, keyspace: { type: 'string' }, schema: { type: 'string' }, dir: { type: 'string' }, name: { type: 'string' }, 'allow-loss': { type: 'string' }, 'dry-run': { type: 'boolean' }, json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const { keyspace, schema } = values
  if (explains(help, values.help, keyspace !== undefined && schema !== undefined) || keyspace === undefined || schema === undefined) return
  const wanted = schemaOf(keyspace, await declaredTables(schema))
  await using client = await connect(values, 'generate')
  const { changes, conflicts } = diffSchemas(await liveKeyspace(client, keyspace), wanted)
  const allowed = new Set(values['allow-loss']?.split(','))
  const kept = changes.filter(({ loses }) => loses === undefined || allowed.has(loses))
  const left = changes.flatMap(({ loses }) => (loses === undefined || allowed.has(loses) ? [] : [loses]))
  const up = kept.map((change) => change.up)
  const down = kept.every((change) => change.down !== undefined) ? kept.map((change) => change.down!).toReversed() : []
  const folder = up.length > 0 && conflicts.length === 0 && values['dry-run'] !== true ? writeMigration(values.dir ?? 'migrations', migrationId(values.name ?? 'change', new Date()), up, down) : undefined
  if (conflicts.length > 0) process.exitCode = 1
  if (values.json === true) return void process.stdout.write(`${JSON.stringify({ up, down, left, conflicts, folder })}\n`)
  for (const { where, reason } of conflicts) process.stdout.write(`${where}: ${reason}\n`)
  for (const statement of up) process.stdout.write(`${statement};\n`)
  if (left.length > 0) process.stdout.write(`\nNot declared, and left alone: ${left.join(', ')}\n`)
  if (up.length === 0 && conflicts.length === 0) process.stdout.write('The keyspace is as it is declared.\n')
  if (folder !== undefined) process.stdout.write(`\nWritten to ${folder}\n`)
}
