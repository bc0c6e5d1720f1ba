// express-cassandra: `scenario.js HOST PORT KEYSPACE` prints what it finds.
const { Client } = require('cassandra-driver')
const ExpressCassandra = require('express-cassandra')

const [host, port, keyspace] = process.argv.slice(2)
const say = (name, value) => console.log(`${name}: ${JSON.stringify(value)}`)
const refused = async (name, action) => {
  try {
    say(name, await action())
  } catch (error) {
    say(name, error.name)
  }
}

const clientOptions = { contactPoints: [host], localDataCenter: 'dc1', protocolOptions: { port: Number(port) }, queryOptions: { consistency: ExpressCassandra.consistencies.one }, socketOptions: { readTimeout: 60000 } }

const person = {
  fields: {
    name: 'text', surname: { type: 'text', default: 'no surname' }, age: { type: 'int', rule: { validator: (value) => value > 0, message: 'age must be positive' } }, active: 'boolean', born: { type: 'timestamp' }, id: { type: 'uuid', default: { $db_function: 'uuid()' } },
    friends: { type: 'set', typeDef: '<varchar>' }, phones: { type: 'map', typeDef: '<varchar, int>' }, notes: { type: 'list', typeDef: '<varchar>' }, address: { type: 'frozen', typeDef: '<address>' }, group: { type: 'text', static: true }, full: { type: 'text', virtual: { get() { return `${this.name} ${this.surname}` } } },
    big: 'bigint', exact: 'decimal', where: 'inet', raw: 'blob', day: 'date', hour: 'time',
  },
  key: [['name'], 'age'],
  clustering_order: { age: 'desc' },
  indexes: ['surname'],
  custom_indexes: [{ on: 'active', using: 'StorageAttachedIndex', options: {} }],
  materialized_views: { by_age: { select: ['name', 'age', 'surname'], key: ['age', 'name'], clustering_order: { name: 'asc' } } },
  options: { timestamps: { createdAt: 'created', updatedAt: 'updated' }, versions: { key: 'version' } },
  table_name: 'people',
  before_save: (instance) => {
    if (instance.name === 'nobody') throw new Error('nobody is not saved')
    return true
  },
}

async function main() {
  const admin = new Client(clientOptions)
  await admin.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`)
  await admin.shutdown()
  const models = ExpressCassandra.createClient({
    clientOptions: { ...clientOptions, keyspace },
    ormOptions: { defaultReplicationStrategy: { class: 'SimpleStrategy', replication_factor: 1 }, migration: 'alter', createKeyspace: true, disableTTYConfirmation: true },
  })
  await models.initAsync()

  await new Promise((resolve, reject) => models.orm.get_system_client().execute(`CREATE TYPE IF NOT EXISTS ${keyspace}.address (street text, number int)`, [], {}, (error) => (error ? reject(error) : resolve())))
  const Person = models.loadSchema('Person', person)
  const Hits = models.loadSchema('Hits', { fields: { page: 'text', n: 'counter' }, key: ['page'] })
  say('made', [await Person.syncDBAsync(), await Hits.syncDBAsync()])
  say('made again', [await Person.syncDBAsync(), await Hits.syncDBAsync()])

  const anna = new Person({ name: 'Anna', age: 30, active: true, born: new Date('1994-02-28T12:00:00Z'), friends: ['Bert', 'Carl'], phones: { home: 1, work: 2 }, notes: ['a', 'b'], address: { street: 'Main', number: 1 }, group: 'first', big: models.datatypes.Long.fromString('4611686018427387904'), exact: models.datatypes.BigDecimal.fromString('1.50'), where: models.datatypes.InetAddress.fromString('10.1.2.3'), raw: Buffer.from([0, 255]), day: models.datatypes.LocalDate.fromString('2024-02-29'), hour: models.datatypes.LocalTime.fromString('01:02:03') })
  await anna.saveAsync()
  for (let age = 1; age <= 20; age++) await new Person({ name: 'Bert', surname: `S${age % 3}`, age, active: age % 2 === 0, group: 'second' }).saveAsync()
  const plain = (row) => Object.fromEntries(Object.entries(row).filter(([name]) => !['id', 'created', 'updated', 'version'].includes(name)).sort(([a], [b]) => (a < b ? -1 : 1)))
  const found = await Person.findOneAsync({ name: 'Anna', age: 30 })
  say('found', plain(found.toJSON()))
  say('virtual', found.full)
  say('generated', [typeof found.id.toString(), found.created instanceof Date, found.version.toString().length])
  say('count', (await Person.findAsync({ name: 'Bert' })).length)
  say('ranges', (await Person.findAsync({ name: 'Bert', age: { $gt: 5, $lte: 9 } }, { raw: true, select: ['age'] })).map(({ age }) => age))
  say('in', (await Person.findAsync({ name: { $in: ['Anna', 'Bert'] }, age: { $gte: 19 } }, { raw: true, select: ['name', 'age'] })).map(({ name, age }) => `${name} ${age}`).sort())
  say('order', (await Person.findAsync({ name: 'Bert', $orderby: { $asc: 'age' }, $limit: 3 }, { raw: true, select: ['age'] })).map(({ age }) => age))
  say('index', (await Person.findAsync({ surname: 'S1' }, { raw: true, select: ['age'] })).map(({ age }) => age).sort((a, b) => a - b))
  say('custom index', (await Person.findAsync({ active: true }, { raw: true, select: ['age'] })).map(({ age }) => age).sort((a, b) => a - b))
  say('filtering', (await Person.findAsync({ group: 'first' }, { raw: true, allow_filtering: true, select: ['age'] })).length)
  say('view', (await Person.findAsync({ age: 7 }, { raw: true, materialized_view: 'by_age', select: ['name', 'age'] })).map(({ name, age }) => `${name} ${age}`))
  say('contains', (await Person.findAsync({ friends: { $contains: 'Carl' } }, { raw: true, allow_filtering: true, select: ['name'] })).map(({ name }) => name))
  say('contains key', (await Person.findAsync({ phones: { $contains_key: 'work' } }, { raw: true, allow_filtering: true, select: ['name'] })).map(({ name }) => name))
  say('functions', await Person.findAsync({ name: 'Bert' }, { raw: true, select: ['count(age) as n', 'max(age) as oldest', 'sum(age) as total'] }))
  say('group', await Person.findAsync({ $groupby: ['name'] }, { raw: true, select: ['name', 'count(age) as n'] }).then((rows) => rows.map(({ name, n }) => `${name} ${n}`).sort()))
  say('distinct', (await Person.findAsync({}, { raw: true, distinct: true, select: ['name', 'group'] })).map(({ name, group }) => `${name} ${group}`).sort())
  say('token', (await Person.findAsync({ name: { $token: { $gt: 'nobody' } } }, { raw: true, select: ['age'] })).length >= 0)

  await Person.updateAsync({ name: 'Anna', age: 30 }, { surname: 'A', active: null, friends: { $add: ['Dora'], $remove: ['Bert'] }, phones: { $add: { mobile: 3 } }, notes: { $append: ['c'], $prepend: ['z'] } }).catch(async () => {
    await Person.updateAsync({ name: 'Anna', age: 30 }, { surname: 'A', friends: { $add: ['Dora'] }, phones: { $add: { mobile: 3 } }, notes: { $append: ['c'] } })
    await Person.updateAsync({ name: 'Anna', age: 30 }, { friends: { $remove: ['Bert'] }, notes: { $prepend: ['z'] } })
  })
  say('updated', plain((await Person.findOneAsync({ name: 'Anna', age: 30 })).toJSON()))
  const again = await Person.findOneAsync({ name: 'Anna', age: 30 })
  again.surname = 'B'
  say('modified', [again.isModified(), again.isModified('surname'), again.isModified('age')])
  await again.saveAsync()
  say('saved', (await Person.findOneAsync({ name: 'Anna', age: 30 })).surname)
  const rows = (result) => result.rows.map((row) => plain(row))
  say('if not exists', rows(await new Person({ name: 'Anna', age: 30, surname: 'C' }).saveAsync({ if_not_exist: true })).map((row) => [row['[applied]'], row.surname]))
  say('if', rows(await Person.updateAsync({ name: 'Anna', age: 30 }, { surname: 'D' }, { conditions: { surname: 'X' } })))
  say('if exists', rows(await Person.updateAsync({ name: 'Zoe', age: 1 }, { surname: 'D' }, { if_exists: true })))
  await Person.updateAsync({ name: 'Anna', age: 30 }, { surname: 'E' }, { ttl: 1000 })
  for (const n of [5, -2]) await Hits.updateAsync({ page: '/' }, { n: models.datatypes.Long.fromInt(n) })
  say('counter', String((await Hits.findOneAsync({ page: '/' })).n))
  await models.doBatchAsync([new Person({ name: 'Batch', age: 1 }).save({ return_query: true }), Person.update({ name: 'Batch', age: 2 }, { surname: 'two' }, { return_query: true }), Person.delete({ name: 'Bert', age: 20 }, { return_query: true })])
  say('batch', (await Person.findAsync({ name: 'Batch' }, { raw: true, select: ['age', 'surname'] })).map(({ age, surname }) => `${age} ${surname}`))
  await Person.deleteAsync({ name: 'Bert', age: { $lt: 18 } }).catch(() => Person.deleteAsync({ name: 'Bert', age: 1 }))
  say('deleted', (await Person.findAsync({ name: 'Bert' }, { raw: true, select: ['age'] })).map(({ age }) => age).length)
  let streamed = 0
  await new Promise((resolve, reject) => Person.stream({ name: 'Bert' }, { raw: true, fetchSize: 5 }, (reader) => {
    while (reader.readRow()) streamed++
  }, (error) => (error ? reject(error) : resolve())))
  say('streamed', streamed)
  let rowsSeen = 0
  await new Promise((resolve, reject) => Person.eachRow({ name: 'Bert' }, { raw: true, fetchSize: 4 }, () => rowsSeen++, (error, result) => {
    if (error) return reject(error)
    if (result.nextPage) return result.nextPage()
    resolve()
  }))
  say('each row', rowsSeen)
  const raw = await Person.execute_queryAsync(`SELECT name, age FROM people WHERE name = ? AND age = ?`, ['Anna', 30])
  say('raw', raw.rows.map((row) => ({ ...row })))

  await refused('rule', () => new Person({ name: 'X', age: -1 }).saveAsync())
  await refused('hook', () => new Person({ name: 'nobody', age: 1 }).saveAsync())
  await refused('no key', () => new Person({ name: 'X' }).saveAsync())
  await refused('type', () => new Person({ name: 'X', age: 'old' }).saveAsync())
  await refused('scan', () => Person.findAsync({ active: true, notes: 'a' }))
  await refused('unknown', () => Person.execute_queryAsync('SELECT nothing FROM people', []))

  // A changed model: the table is altered.
  const without = (object, ...names) => Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
  const kept = without(person.fields, 'phones', 'hour')
  const rest = without(person, 'materialized_views', 'custom_indexes')
  const Wider = models.loadSchema('Wider', { ...rest, fields: { ...kept, mail: 'text', tags: { type: 'map', typeDef: '<varchar, text>' } }, indexes: ['mail'] })
  await refused('altered', () => Wider.syncDBAsync())
  say('columns', (await Wider.execute_queryAsync(`SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = '${keyspace}' AND table_name = 'people'`, [])).rows.map((row) => `${row.column_name} ${row.type}`))
  await new Wider({ name: 'Wide', age: 1, mail: 'a@b', tags: { x: 'y' } }).saveAsync()
  say('wide', (await Wider.findAsync({ mail: 'a@b' }, { raw: true })).map(({ name, mail, tags }) => [name, mail, tags]))
  await Person.truncateAsync()
  say('truncated', (await Person.findAsync({}, { raw: true })).length)
  await new Promise((resolve, reject) => models.orm.get_system_client().execute(`DROP KEYSPACE ${keyspace}`, [], {}, (error) => (error ? reject(error) : resolve())))
  await models.closeAsync()
}

main().then(() => process.exit(0), (error) => {
  console.log(error.stack ?? error)
  process.exit(1)
})
