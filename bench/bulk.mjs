// Whole tables in and out, against DSBulk and npm cassandra-driver, on a cluster that is there: `npm run bench:bulk -- --contact-points HOST`.
import { execFileSync } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Client } from 'cqlwire'
import { scan } from 'cqlwire/streaming'

const { values: options } = parseArgs({ options: { 'contact-points': { type: 'string' }, dc: { type: 'string', default: 'dc1' }, rows: { type: 'string', default: '2000000' }, rounds: { type: 'string', default: '1' }, only: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
if (options.help || options['contact-points'] === undefined) {
  console.log('Usage: npm run bench:bulk -- --contact-points HOST [--dc NAME] [--rows N] [--rounds N] [--only load,unload,scan] [--json FILE]')
  process.exit(options.help ? 0 : 2)
}
const [host] = options['contact-points'].split(',')
const rows = Number(options.rows)
const steps = options.only?.split(',') ?? ['load', 'unload', 'scan']
const dir = mkdtempSync(join(tmpdir(), 'cqlwire-bulk-'))
const file = (name) => join(dir, name)
const keyspace = 'cqlwire_bulk'
const bin = new URL('../dist/cli/main.node.js', import.meta.url).pathname
const { Client: Incumbent } = createRequire(import.meta.url)('cassandra-driver')

/** DSBulk from its registry; undefined without Maven. */
function dsbulk() {
  const home = join(homedir(), '.cache', 'cqlwire-dsbulk')
  const lib = join(home, 'lib')
  if (!existsSync(lib)) {
    mkdirSync(home, { recursive: true })
    const dependency = (name) => `<dependency><groupId>com.datastax.oss</groupId><artifactId>${name}</artifactId><version>1.10.0</version></dependency>`
    writeFileSync(join(home, 'pom.xml'), `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>dsbulk</artifactId><version>1</version>
<dependencies>${['dsbulk-runner', 'dsbulk-workflow-load', 'dsbulk-workflow-unload', 'dsbulk-connectors-csv', 'dsbulk-batcher-reactor', 'dsbulk-executor-reactor'].map(dependency).join('')}</dependencies></project>`)
    try {
      execFileSync('mvn', ['-q', '-B', '-f', join(home, 'pom.xml'), 'dependency:copy-dependencies', `-DoutputDirectory=${lib}`], { stdio: 'ignore' })
    } catch {
      console.error('DSBulk cannot be had: Maven is needed')
      return undefined
    }
  }
  return (...args) => execFileSync('java', ['-cp', `${lib}/*`, 'com.datastax.oss.dsbulk.runner.DataStaxBulkLoader', ...args, '-h', host, '-dc', options.dc, '-k', keyspace, '-t', 't', '-logDir', file('logs'), '-cl', 'LOCAL_ONE', '-verbosity', 'quiet'], { stdio: ['ignore', 'ignore', 'inherit'] })
}
const cqlwire = (...args) => execFileSync(process.execPath, [bin, ...args, '--contact-points', host, '--consistency', 'localOne', '--quiet'], { stdio: ['ignore', 'inherit', 'inherit'] })

const client = await Client.connect({ contactPoints: [host], consistency: 'localOne', timeoutMs: 60_000 })
await client.execute(`CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', '${options.dc}': 1}`)
await client.execute(`CREATE TABLE IF NOT EXISTS ${keyspace}.t (id bigint PRIMARY KEY, name text, city text, score double, day date, ts timestamp)`)
const clear = () => client.execute(`TRUNCATE ${keyspace}.t`)

/** The file that is loaded. */
async function makeFile() {
  const out = createWriteStream(file('in.csv'))
  let text = 'id,name,city,score,day,ts\n'
  for (let i = 0; i < rows; i++) {
    text += `${i},person number ${i},city ${i % 997},${i / 8},2024-0${1 + (i % 9)}-1${i % 9},2024-03-0${1 + (i % 9)}T12:34:56.789Z\n`
    if (text.length > 1 << 20 || i === rows - 1) {
      if (!out.write(text)) await new Promise((resolve) => { out.once('drain', resolve) })
      text = ''
    }
  }
  await new Promise((resolve) => { out.end(resolve) })
}

const results = new Map()
async function timed(step, who, run) {
  const started = performance.now()
  const count = await run()
  const perSecond = Math.round((rows * 1000) / (performance.now() - started))
  if (count !== undefined && Number(count) !== rows) throw new Error(`${step} by ${who}: ${count} rows of ${rows}`)
  const key = `${step}/${who}`
  results.set(key, [...(results.get(key) ?? []), perSecond])
  console.log(`${step.padEnd(8)}${who.padEnd(20)}${perSecond.toLocaleString('en').padStart(10)} rows/s`)
}
async function stored() {
  let n = 0n
  for await (const [count] of scan(client, `${keyspace}.t`, { columns: ['count(*)'], rowMode: 'array', timeoutMs: 60_000, attemptTimeoutMs: 30_000 })) n += count
  return n
}
async function checkStored(who) {
  const n = await stored()
  if (n !== BigInt(rows)) throw new Error(`After the load by ${who} there are ${n} rows of ${rows}`)
}

const other = steps.some((step) => step !== 'scan') ? dsbulk() : undefined
if (steps.includes('load')) await makeFile()
for (let round = 0; round < Number(options.rounds); round++) {
  if (steps.includes('load')) {
    await clear()
    await timed('load', 'cqlwire', () => { cqlwire('load', `${keyspace}.t`, file('in.csv')) })
    await checkStored('cqlwire')
    if (other) {
      await clear()
      await timed('load', 'dsbulk', () => { other('load', '-url', file('in.csv'), '-header', 'true', '-maxErrors', '0') })
      await checkStored('dsbulk')
    }
  }
  if (steps.includes('unload')) {
    await timed('unload', 'cqlwire', () => { cqlwire('unload', `${keyspace}.t`, file('out.csv')) })
    if (other) await timed('unload', 'dsbulk', () => { other('unload', '-url', file(`out-${round}`), '-header', 'true') })
    console.log(`        ${(statSync(file('out.csv')).size / 1e6).toFixed(0)} MB of CSV`)
  }
  if (steps.includes('scan')) {
    const incumbent = new Incumbent({ contactPoints: [host], localDataCenter: options.dc, queryOptions: { consistency: 10 } })
    for (const [who, read] of [
      ['cqlwire', async () => { let n = 0; for await (const _ of scan(client, `${keyspace}.t`)) n++; return n }],
      ['cqlwire stream', async () => { let n = 0; for await (const _ of client.stream(`SELECT * FROM ${keyspace}.t`)) n++; return n }],
      ['cassandra-driver', async () => { let n = 0; for await (const _ of await incumbent.execute(`SELECT * FROM ${keyspace}.t`, [], { fetchSize: 5000, prepare: true })) n++; return n }],
    ]) await timed('scan', who, read)
    await incumbent.shutdown()
  }
}
await client.close()
rmSync(dir, { recursive: true, force: true })
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]
const table = Object.fromEntries([...results].map(([key, list]) => [key, median(list)]))
console.log(`\n${rows.toLocaleString('en')} rows; Node ${process.version}, ${cpus()[0].model}, ${new Date().toISOString().slice(0, 10)}`)
for (const [step, peer] of [['load', 'dsbulk'], ['unload', 'dsbulk'], ['scan', 'cassandra-driver']]) {
  const [own, theirs] = [table[`${step}/cqlwire`], table[`${step}/${peer}`]]
  if (own && theirs) console.log(`${step}: ${(own / theirs).toFixed(2)} times as fast as ${peer}`)
}
if (options.json) writeFileSync(options.json, JSON.stringify({ rows, table }, null, 1))
