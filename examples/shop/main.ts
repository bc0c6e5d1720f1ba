// npm run example:shop                                     on an embedded server
// npm run example:shop -- --contact-points 127.0.0.1       on a cluster, in the keyspace cqlwire_shop
import { parseArgs } from 'node:util'
import { Client } from 'cqlwire'
import { CqlServer } from 'cqlwire/server'
import { Shop } from './shop.js'

const { values } = parseArgs({ options: { 'contact-points': { type: 'string' } } })
const server = values['contact-points'] === undefined ? await CqlServer.start({ port: 0 }) : undefined
const contactPoints = server?.contactPoints ?? values['contact-points']!.split(',')

const admin = await Client.connect({ contactPoints })
await admin.execute("CREATE KEYSPACE IF NOT EXISTS cqlwire_shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
await admin.close()
const client = await Client.connect({ contactPoints, keyspace: 'cqlwire_shop' })

const shop = new Shop(client)
for (const statement of await shop.db.createTables()) console.log(statement)

const ada = await shop.register('Ada', 'ada@example.org')
const lamp = await shop.stock('light', 'Lamp', '19.90', 3)
const torch = await shop.stock('light', 'Torch', '7.50', 10)
await Promise.all([shop.look(lamp, '2026-11-25'), shop.look(lamp, '2026-11-26'), shop.look(lamp, '2026-11-26')])

const first = await shop.order(ada, 'light', new Map([[lamp, 2], [torch, 1]]))
const tooMany = await shop.order(ada, 'light', new Map([[torch, 1], [lamp, 2]]))
console.log(`\nordered ${first}; two more lamps: ${tooMany ?? 'sold out'}`)
console.log(`paid: ${await shop.pay(ada, first!)}, and again: ${await shop.pay(ada, first!)}`)

const account = (await shop.account(ada))!
console.log(`${account.name} has ordered for ${account.orders.map(({ total, state }) => `${total} (${state})`).join(', ')}`)
for (const { name, price, stock, views } of await shop.catalogue('light')) console.log(`${name.padEnd(6)} ${price}  ${stock} left, looked at ${views.map(({ day, count }) => `${count} times on ${day}`).join(', ') || 'never'}`)
console.log(`paid orders: ${(await shop.ordersIn(ada, 'paid')).length}`)
await shop.discontinue('light', torch)
console.log(`products left: ${(await shop.catalogue('light')).length}`)

await client.close()
await server?.close()
