// A deployer in a process of its own, to be killed: says each statement before it runs it.
import { Client } from 'cqlwire'
import { migrationOf, Migrator } from 'cqlwire/migrate'

const { contactPoints, keyspace, id, up, options } = JSON.parse(process.argv[2])
const client = await Client.connect({ contactPoints, keyspace })
const migrator = new Migrator(client, [await migrationOf(id, up)], { ...options, onStatement: ({ step }) => process.stdout.write(`${step}\n`) })
process.stdout.write(`applied ${(await migrator.migrate()).length}\n`)
await client.close()
