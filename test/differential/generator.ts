// Random schemas, rows and statements, right and wrong, from a seed: whatever Cassandra says to them, the embedded server says, too.
import { SeededRandom } from '../../src/base/index.js'
import { rareStatements } from './rare.js'

const pick = <T>(random: SeededRandom, items: readonly T[]): T => items[random.between(0, items.length - 1)]!
const some = <T>(random: SeededRandom, items: readonly T[], least = 1): T[] => {
  const chosen = items.filter(() => random.between(0, 1) === 1)
  return chosen.length >= least ? chosen : [...items].slice(0, least)
}

interface GeneratedColumn {
  readonly name: string
  readonly type: string
  readonly kind: 'partition' | 'clustering' | 'static' | 'regular'
}

interface GeneratedTable {
  readonly name: string
  readonly columns: readonly GeneratedColumn[]
  readonly descending: ReadonlySet<string>
  /** Columns with an index, by what it is. */
  readonly indexed: ReadonlyMap<string, 'secondary' | 'sai'>
}

const keyTypes = ['int', 'text', 'bigint', 'timestamp', 'boolean', 'decimal', 'uuid', 'frozen<list<int>>', 'tuple<int, text>', 'double', 'date', 'varint', 'inet', 'blob', 'smallint', 'frozen<set<int>>', 'time', 'float', 'ascii', 'tinyint']
const valueTypes = [...keyTypes, 'list<int>', 'set<text>', 'map<text, int>', 'frozen<map<int, text>>', 'u', 'frozen<u>', 'duration', 'map<int, frozen<list<text>>>', 'vector<float, 2>', 'tuple<int, frozen<list<text>>>']

/** A constant of a type; few different ones, so that rows meet. */
function constant(random: SeededRandom, type: string): string {
  const n = random.between(0, 3)
  switch (type) {
    case 'int':
    case 'bigint':
    case 'varint':
    case 'smallint':
    case 'tinyint':
      return String(n - 1)
    case 'text':
    case 'ascii':
      return `'${'abc'.slice(0, n)}'`
    case 'timestamp':
      return pick(random, [`'2024-01-0${n + 1}'`, String(n * 1000), `'2024-01-01T00:00:0${n}Z'`])
    case 'boolean':
      return n > 1 ? 'true' : 'false'
    case 'decimal':
    case 'double':
    case 'float':
      return pick(random, ['0', '1.5', '-2.25', '1e2'])
    case 'uuid':
      return `0000000${n}-0000-4000-8000-000000000000`
    case 'date':
      return `'2024-02-0${n + 1}'`
    case 'time':
      return `'0${n}:00:00'`
    case 'inet':
      return `'127.0.0.${n}'`
    case 'blob':
      return `0x0${n}`
    case 'duration':
      return `${n + 1}h`
    case 'tuple<int, text>':
      return `(${n}, '${'ab'.slice(0, n)}')`
    case 'tuple<int, frozen<list<text>>>':
      return `(${n}, ['x'])`
    case 'u':
    case 'frozen<u>':
      return pick(random, [`{a: ${n}, b: 'y'}`, `{a: ${n}}`, `{b: 'z'}`])
    case 'list<int>':
    case 'frozen<list<int>>':
      return `[${Array.from({ length: n }, (_, i) => i + random.between(0, 1)).join(', ')}]`
    case 'frozen<set<int>>':
      return `{${Array.from({ length: n }, (_, i) => i).join(', ')}}`
    case 'set<text>':
      return `{${Array.from({ length: n }, (_, i) => `'${'abc'[i]!}'`).join(', ')}}`
    case 'map<text, int>':
      return `{${Array.from({ length: n }, (_, i) => `'${'abc'[i]!}': ${i}`).join(', ')}}`
    case 'frozen<map<int, text>>':
      return `{${Array.from({ length: n }, (_, i) => `${i}: 'v${i}'`).join(', ')}}`
    case 'map<int, frozen<list<text>>>':
      return `{${Array.from({ length: n }, (_, i) => `${i}: ['l']`).join(', ')}}`
    case 'vector<float, 2>':
      return `[${n}, 1.5]`
    default:
      throw new Error(type)
  }
}

function tableOf(random: SeededRandom, number: number): GeneratedTable {
  const columns: GeneratedColumn[] = []
  const partition = random.between(1, 2)
  const clustering = random.between(0, 3)
  for (let i = 0; i < partition; i++) columns.push({ name: `p${i}`, type: pick(random, i === 0 ? ['int', 'text', 'bigint'] : keyTypes), kind: 'partition' })
  for (let i = 0; i < clustering; i++) columns.push({ name: `c${i}`, type: pick(random, keyTypes), kind: 'clustering' })
  if (clustering > 0 && random.between(0, 1) === 1) columns.push({ name: 's0', type: pick(random, valueTypes), kind: 'static' })
  for (let i = 0; i < random.between(1, 4); i++) columns.push({ name: `v${i}`, type: pick(random, valueTypes), kind: 'regular' })
  const indexed = new Map<string, 'secondary' | 'sai'>()
  for (const { name, kind, type } of columns) if ((kind === 'regular' || kind === 'clustering') && /^(int|text|bigint|boolean|timestamp|date|decimal|double|uuid)$/.test(type) && random.between(0, 2) === 0) indexed.set(name, pick(random, ['secondary', 'sai'] as const))
  return { name: `t${number}`, columns, descending: new Set(columns.filter(({ kind }) => kind === 'clustering' && random.between(0, 1) === 1).map(({ name }) => name)), indexed }
}

function createTable({ name, columns, descending, indexed }: GeneratedTable): string[] {
  const of = (kind: GeneratedColumn['kind']): GeneratedColumn[] => columns.filter((column) => column.kind === kind)
  const clustering = of('clustering')
  const order = clustering.length === 0 ? '' : ` WITH CLUSTERING ORDER BY (${clustering.map((column) => `${column.name} ${descending.has(column.name) ? 'DESC' : 'ASC'}`).join(', ')})`
  return [
    `CREATE TABLE ${name} (${columns.map((column) => `${column.name} ${column.type}${column.kind === 'static' ? ' static' : ''}`).join(', ')}, PRIMARY KEY ((${of('partition').map((column) => column.name).join(', ')})${clustering.map((column) => `, ${column.name}`).join('')}))${order}`,
    ...[...indexed].map(([column, kind]) => `CREATE INDEX ON ${name} (${column})${kind === 'sai' ? " USING 'sai'" : ''}`),
  ]
}

const clauses = (random: SeededRandom, columns: readonly GeneratedColumn[], test: (column: GeneratedColumn) => string): string => columns.map(test).sort(() => random.between(0, 1) - 0.5).join(' AND ')

/** The statements of one seed, all of them in one keyspace. */
export function generated(seed: number, count: number): string[] {
  const random = new SeededRandom(seed)
  const table = tableOf(random, seed)
  const { columns, name } = table
  const keys = columns.filter(({ kind }) => kind === 'partition' || kind === 'clustering')
  const partition = keys.filter(({ kind }) => kind === 'partition')
  const clustering = keys.filter(({ kind }) => kind === 'clustering')
  const others = columns.filter(({ kind }) => kind === 'regular' || kind === 'static')
  const value = (column: GeneratedColumn): string => (random.between(0, 30) === 0 ? pick(random, ['null', "'wrong'", '{1}', '(1, 2)']) : constant(random, column.type))
  const equal = (column: GeneratedColumn): string => `${column.name} = ${value(column)}`
  let time = 1000
  const using = (withTtl: boolean): string => pick(random, ['', '', ` USING TIMESTAMP ${(time += random.between(0, 2))}`, ...(withTtl ? [' USING TTL 100000'] : [])])
  const condition = (): string => pick(random, ['', '', '', '', ' IF EXISTS', ...(others.length > 0 ? [` IF ${pick(random, others).name} = null`, ` IF ${equal(pick(random, others))}`, ` IF ${equal(pick(random, others)).replace(' = ', ' != ')}`] : [])])
  const assignment = (column: GeneratedColumn): string => {
    const own = constant(random, column.type)
    switch (column.type) {
      case 'list<int>':
        return pick(random, [`${column.name} = ${own}`, `${column.name} = ${column.name} + ${own}`, `${column.name} = ${own} + ${column.name}`, `${column.name} -= ${own}`, `${column.name} = null`])
      case 'set<text>':
        return pick(random, [`${column.name} = ${own}`, `${column.name} += ${own}`, `${column.name} = ${column.name} - ${own}`])
      case 'map<text, int>':
        return pick(random, [`${column.name} = ${own}`, `${column.name} += ${own}`, `${column.name}['b'] = 7`, `${column.name} -= {'a'}`])
      case 'u':
        return pick(random, [`${column.name} = ${own}`, `${column.name}.a = 5`, `${column.name}.b = null`])
      default:
        return `${column.name} = ${value(column)}`
    }
  }
  // Nulls and wrong values in ranges of tuples, and of columns in descending order, are taken for what they are not.
  const bound = (column: GeneratedColumn): string => (column.type.startsWith('tuple') || column.kind === 'clustering' ? constant(random, column.type) : value(column))
  const relation = (column: GeneratedColumn): string => pick(random, [
    equal(column), equal(column), equal(column), `${column.name} IN (${constant(random, column.type)}, ${constant(random, column.type)})`, `${column.name} ${pick(random, ['>', '>=', '<', '<='])} ${bound(column)}`, `${column.name} >= ${bound(column)} AND ${column.name} < ${bound(column)}`,
    ...(/^(list|set)</.test(column.type) ? [`${column.name} CONTAINS ${constant(random, /text/.test(column.type) ? 'text' : 'int')}`] : []), ...(column.type === 'map<text, int>' ? [`${column.name} CONTAINS KEY 'a'`, `${column.name} CONTAINS 1`, `${column.name}['a'] = 0`] : []),
  ])
  const where = (): string => {
    const whole = partition.map((column) => pick(random, [equal(column), equal(column), `${column.name} IN (${constant(random, column.type)}, ${constant(random, column.type)})`]))
    const rest = clustering.slice(0, random.between(0, clustering.length)).map((column, i, all) => (i === all.length - 1 ? relation(column) : equal(column)))
    const tuple = clustering.length > 1 && random.between(0, 4) === 0 ? [`(${clustering.slice(0, 2).map((column) => column.name).join(', ')}) ${pick(random, ['>', '<=', '='])} (${clustering.slice(0, 2).map(value).join(', ')})`] : rest
    const byKey = [...whole, ...tuple]
    const token = `token(${partition.map((column) => column.name).join(', ')}) ${pick(random, ['>', '<='])} ${random.between(-9, 9)}000000000000000000`
    const list = pick(random, [byKey, byKey, byKey, byKey, whole, [...byKey, ...some(random, others, 0).slice(0, 1).map(relation)], some(random, columns).slice(0, 2).map(relation), [token], [], [...table.indexed.keys()].slice(0, 2).map((indexed) => relation(columns.find((column) => column.name === indexed)!))])
    return list.length === 0 ? '' : ` WHERE ${list.join(' AND ')}`
  }
  const selectors = (): string => {
    const column = pick(random, columns)
    return pick(random, [
      '*', '*', '*', some(random, columns).map((each) => each.name).join(', '), `DISTINCT ${partition.map((each) => each.name).join(', ')}`, 'count(*)', `${partition[0]!.name}, max(${column.name}), count(${column.name})`, `JSON ${some(random, columns).map((each) => each.name).join(', ')}`,
      `token(${partition.map((each) => each.name).join(', ')}), ${column.name}`, `min(${column.name}), to_json(${pick(random, columns).name})`, `cast(${column.name} AS text)`, `to_json(${column.name})`,
    ])
  }
  const select = (): string => {
    const group = random.between(0, 7) === 0 ? ` GROUP BY ${keys.slice(0, random.between(1, keys.length)).map((column) => column.name).join(', ')}` : ''
    const order = clustering.length > 0 && random.between(0, 3) === 0 ? ` ORDER BY ${clustering.slice(0, random.between(1, clustering.length)).map((column) => `${column.name} ${pick(random, ['ASC', 'DESC'])}`).join(', ')}` : ''
    return `SELECT ${selectors()} FROM ${name}${where()}${group}${order}${pick(random, ['', '', '', ' PER PARTITION LIMIT 1'])}${pick(random, ['', '', '', ' LIMIT 3'])}${pick(random, ['', ' ALLOW FILTERING', ' ALLOW FILTERING'])}`
  }
  const byKey = (): string => clauses(random, random.between(0, 9) === 0 ? partition : keys, equal)
  const statements = ["CREATE TYPE IF NOT EXISTS u (a int, b text)", ...createTable(table)]
  const rare = rareStatements(seed)
  while (statements.length < count) {
    // Evenly among the others, and all of them.
    if (random.between(1, count - statements.length) <= rare.length) {
      statements.push(rare.shift()!)
      continue
    }
    switch (random.between(0, 9)) {
      case 0:
      case 1:
      case 2: {
        const set = random.between(0, 12) === 0 ? some(random, columns) : [...keys, ...some(random, others, 0)]
        statements.push(`INSERT INTO ${name} (${set.map((column) => column.name).join(', ')}) VALUES (${set.map(value).join(', ')})${pick(random, ['', '', '', '', ' IF NOT EXISTS'])}${using(true)}`)
        break
      }
      case 3:
        if (others.length > 0) statements.push(`UPDATE ${name}${using(true)} SET ${some(random, others).map(assignment).join(', ')} WHERE ${byKey()}${condition()}`)
        break
      case 4:
        statements.push(`DELETE ${pick(random, ['', '', some(random, others, 0).map((column) => column.name).join(', ')])} FROM ${name}${using(false)} WHERE ${pick(random, [byKey(), clauses(random, partition, equal), `${clauses(random, partition, equal)}${clustering.length > 0 ? ` AND ${relation(clustering[0]!)}` : ''}`])}${condition()}`)
        break
      default:
        statements.push(select())
    }
  }
  return statements
}
