import process from 'node:process'
import { parseArgs } from 'node:util'
import { OptionError } from '../base/index.js'
import type { Client } from '../client/index.js'
import { quoteIdentifier, quoteText } from '../codecs/index.js'
import { diffSchemas, Migrator } from '../migrate/index.js'
import { schemaOf } from '../orm/index.js'
import { connect, connectHelp, connectOptions, numberOption } from './connect-options.node.js'
import { declaredTables, liveKeyspace } from './declared-tables.node.js'
import { readMigrations } from './migrations-folder.node.js'
import { drawTable } from './text-table.js'
import { explains } from './usage.node.js'

const explanations = {
  migrate: 'Runs the migrations that were not applied yet, oldest first. One deployer at a time: others wait. One that died is gone on with.',
  status: 'Shows which migrations were applied.',
  check: 'Ends with 1 when a migration that was applied has changed since, or is missing; with --schema also when the keyspace is not as it is declared. Changes nothing.',
  down: 'Takes back the newest migration that was applied, by its down.cql.',
} as const

/** The commands that look after migrations. */
export type MigrateCommand = keyof typeof explanations

const helpOf = (command: MigrateCommand): string => `Usage: cqlwire ${command} --keyspace NAME [options]

${explanations[command]}

Options:
${connectHelp}
  --keyspace NAME          keyspace that is migrated, and where it is written down
  --dir FOLDER             migrations: a folder for each, with up.cql and down.cql (default migrations)
  --scope NAME             where several schemas share a keyspace (default schema)
${command === 'migrate' || command === 'down' ? `  --allow-loss NAMES       what may be destroyed, with commas between: table:users,column:users.email
  --interrupted done|again what to do with a statement that may have run before somebody died
  --wait SECONDS           how long to wait for another deployer (default 60)
  --no-validate            run statements without reading them first, such as those of a server that cqlwire does not know
` : ''}${command === 'migrate' ? `  --dry-run                print the statements, and run none
  --replication RF         makes the keyspace when it is not there: dc1:3,dc2:3, or a number for one data centre on one's own machine
` : ''}${command === 'check' ? '  --schema FILE            module that exports tables of cqlwire/orm, to compare the keyspace with\n' : ''}${command === 'down' ? '  --count N                how many migrations (default 1)\n' : ''}  --json                   print the result as JSON
  --help                   show this
`

/** `cqlwire migrate`, `status`, `check` and `down`. */
export async function migrate(command: MigrateCommand, args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args], options: {
      ...connectOptions, keyspace: { type: 'string' }, dir: { type: 'string' }, scope: { type: 'string' }, 'allow-loss': { type: 'string' }, interrupted: { type: 'string' }, wait: { type: 'string' }, 'no-validate': { type: 'boolean' }, 'dry-run': { type: 'boolean' }, replication: { type: 'string' }, schema: { type: 'string' },
      count: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
    },
  })
  if (explains(helpOf(command), values.help, values.keyspace !== undefined) || values.keyspace === undefined) return
  const { interrupted } = values
  if (interrupted !== undefined && interrupted !== 'done' && interrupted !== 'again') throw new OptionError('interrupted', `--interrupted must be done or again, not '${interrupted}'`)
  const migrations = await readMigrations(values.dir ?? 'migrations')
  await using client = await connect(values, command)
  if (command === 'migrate' && values.replication !== undefined && values['dry-run'] !== true) await createKeyspace(client, values.keyspace, values.replication)
  const waitSeconds = numberOption('wait', values.wait)
  const migrator = new Migrator(client.with({ keyspace: values.keyspace }), migrations, {
    ...(values.scope !== undefined && { scope: values.scope }), ...(values['allow-loss'] !== undefined && { allowLoss: values['allow-loss'].split(',') }), ...(interrupted !== undefined && { interrupted }),
    ...(waitSeconds !== undefined && { waitMs: waitSeconds * 1000 }), ...(values['no-validate'] === true && { validate: false }),
    onStatement: ({ id, step, of, statement }) => { if (values.json !== true) process.stdout.write(`${id} ${step}/${of}  ${statement.replaceAll(/\s+/g, ' ')}\n`) },
  })
  const print = (result: unknown, text: string): void => { process.stdout.write(values.json === true ? `${JSON.stringify(result)}\n` : text) }
  switch (command) {
    case 'migrate': {
      if (values['dry-run'] === true) {
        const plan = await migrator.plan()
        return print({ pending: plan }, plan.length === 0 ? 'Nothing is pending.\n' : plan.map(({ id, statements }) => `-- ${id}\n${statements.map((statement) => `${statement};\n`).join('')}`).join('\n'))
      }
      const applied = await migrator.migrate()
      return print({ applied }, applied.length === 0 ? 'Nothing was pending.\n' : `Applied ${applied.join(', ')}.\n`)
    }
    case 'down': {
      const reverted = await migrator.down(numberOption('count', values.count) ?? 1)
      return print({ reverted }, reverted.length === 0 ? 'Nothing was applied.\n' : `Took back ${reverted.join(', ')}.\n`)
    }
    case 'status': {
      const status = await migrator.status()
      return print(status, status.length === 0 ? 'There are no migrations.\n' : `${drawTable(status.map((each) => ({ ...each, appliedAt: each.appliedAt ?? '', done: `${each.done}/${each.of}` })), ['id', 'state', 'done', 'appliedAt'])}\n`)
    }
    default: {
      const problems = [...(await migrator.check()), ...(values.schema === undefined ? [] : await differences(client, values.keyspace, values.schema))]
      if (problems.length > 0) process.exitCode = 1
      return print({ problems }, problems.length === 0 ? 'All is well.\n' : problems.map((problem) => `${problem}\n`).join(''))
    }
  }
}

/** Makes a keyspace that is not there. @param replication `dc1:3,dc2:3`, or a number */
async function createKeyspace(client: Client, keyspace: string, replication: string): Promise<void> {
  const factors = replication.split(',').map((part) => part.split(':'))
  const simple = factors.length === 1 && factors[0]!.length === 1
  const isWrong = factors.some((part) => part.length !== (simple ? 1 : 2) || !/^[1-9]\d*$/.test(part.at(-1)!) || part[0] === '')
  if (isWrong) throw new OptionError('replication', `--replication is dc1:3,dc2:3 or a number, not '${replication}'`)
  const options = simple ? [['class', 'SimpleStrategy'], ['replication_factor', replication]] : [['class', 'NetworkTopologyStrategy'], ...factors]
  await client.execute(`CREATE KEYSPACE IF NOT EXISTS ${quoteIdentifier(keyspace)} WITH replication = {${options.map(([name, value]) => `${quoteText(name!)}: ${quoteText(value!)}`).join(', ')}}`)
}

/** What a keyspace lacks, or has too much, in sentences. */
async function differences(client: Client, keyspace: string, schema: string): Promise<string[]> {
  const { changes, conflicts } = diffSchemas(await liveKeyspace(client, keyspace), schemaOf(keyspace, await declaredTables(schema)))
  return [...conflicts.map(({ where, reason }) => `${where}: ${reason}`), ...changes.map(({ up }) => `The keyspace is not as it is declared: it would take ${up}`)]
}
