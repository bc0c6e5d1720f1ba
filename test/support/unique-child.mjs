// Wants the one e-mail address that all of them want.
import { Client } from 'cqlwire'
import { int, orm, table, text, UniqueError } from 'cqlwire/orm'

const [, , contactPoint, id] = process.argv
const users = table('users', { team: text().partitionKey(), id: int().clusteringKey(), email: text().unique(), phone: text().unique(), name: text() })
const client = await Client.connect({ contactPoints: [contactPoint], keyspace: 'app' })
process.stdout.write('begin\n')
await orm(client, { users }).users.create({ team: 'race', id: Number(id), email: 'one@x.org' }).then(() => process.stdout.write('won\n'), (error) => process.stdout.write(error instanceof UniqueError ? 'taken\n' : `${error}\n`))
await client.close()
