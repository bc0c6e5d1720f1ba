// How much work the types of a large application are for the compiler: 200 tables of 20 columns, 199 relations, and three queries of each table.
// Instantiations do not depend on the machine; more of them than the limit fail the check.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const TABLES = 200
const MOST_INSTANTIATIONS = Number(process.env.CQLWIRE_MOST_INSTANTIATIONS ?? 1_700_000)
const MOST_SECONDS = 10
const root = dirname(import.meta.dirname)
const out = join(root, '.cache/type-speed')
rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })

const columns = ['text()', 'int()', 'uuid()', 'timestamp()', 'set(text())', 'map(text(), int())', 'list(int())', 'decimal()', 'bigint()', 'boolean()']
const each = (count, write) => Array.from({ length: count }, (_, i) => write(i))
const kind = (table, column) => columns[(table + column) % columns.length]
/** Imported by both, so that what they cost together can be told from what the package costs by itself. */
const imports = `import { bigint, boolean, decimal, hasMany, int, list, map, orm, set, table, text, timestamp, uuid } from 'cqlwire/orm'\nimport type { Client } from 'cqlwire'\n`
writeFileSync(join(out, 'schema.ts'), `${imports}
${each(TABLES, (t) => `const t${t} = table('t${t}', {
  p: text().partitionKey(), q: int().partitionKey(2), c: timestamp().clusteringKey('desc'), d: uuid().clusteringKey('asc', 2),
  ${each(16, (c) => `v${c}: ${kind(t, c)}${c === 0 && ![4, 5, 6].includes(t % 10) ? '.indexed()' : c === 1 ? '.required()' : ''}`).join(', ')},
})`).join('\n')}
declare const client: Client
export const db = orm(client, { ${each(TABLES, (t) => `t${t}`).join(', ')} }, { relations: {
  ${each(TABLES - 1, (t) => `t${t}: { next: hasMany('t${t + 1}', { p: 'p', q: 'q' }) }`).join(', ')},
} })
${each(TABLES - 1, (t) => `export const find${t} = async () => (await db.t${t}.find({ p: 'a', q: 1, c: { $gt: new Date() } }, { with: { next: { limit: 5 } }, limit: 3 }))[0]?.next[0]?.p
export const select${t} = async () => (await db.select(t${t}).where({ p: 'a', q: 1 }).columns('p', 'v3').limit(3))[0]?.p
export const update${t} = () => db.update(t${t}).set({ v3: null }).where({ p: 'a', q: 1, c: new Date(), d: 'x' })`).join('\n')}
`)
writeFileSync(join(out, 'tsconfig.json'), JSON.stringify({
  compilerOptions: { target: 'ES2022', lib: ['ES2023', 'ESNext.Disposable'], module: 'NodeNext', strict: true, noEmit: true, skipLibCheck: true, types: [], exactOptionalPropertyTypes: true }, include: ['*.ts'],
}))

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
const started = performance.now()
const report = execFileSync(process.execPath, [tsc, '-p', out, '--extendedDiagnostics'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
const seconds = (performance.now() - started) / 1000
const instantiations = Number(/Instantiations:\s+(\d+)/.exec(report)?.[1])
console.log(`${TABLES} tables type-checked in ${seconds.toFixed(1)} s, ${instantiations} instantiations (at most ${MOST_INSTANTIATIONS})`)
if (!(instantiations <= MOST_INSTANTIATIONS)) process.exit(1)
if (seconds > MOST_SECONDS) {
  console.error(`That is more than ${MOST_SECONDS} s`)
  process.exit(1)
}
