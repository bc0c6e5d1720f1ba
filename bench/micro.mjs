// What single steps cost, each beside its alternative: `npm run bench:micro [-- --json FILE] [-- NAME]`. Medians in nanoseconds per call.
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { Bench } from 'tinybench'
import { ByteReader, ByteWriter, utf8Decode } from '../.cache/build/base/index.js'
import { murmur3Token, TokenMap } from '../.cache/build/cluster/index.js'
import { Codecs, encodeCell, jsonReplacer, parseType, RowDecoder, uuidToString, ValueWriter } from '../.cache/build/codecs/index.js'
import { generateRows, generateWrite } from '../.cache/build/codecs/generators.jit.js'
import { tokenAware } from '../.cache/build/policies/index.js'
import { FrameDecoder, FrameEncoder, opcodes } from '../.cache/build/protocol/index.js'
import { lz4 } from '../.cache/build/protocol/compression/lz4.js'
import { crc24, crc32 as plainCrc32 } from '../.cache/build/protocol/crc.js'
import { crc32, loadNativeCompressor } from '../.cache/build/transport/index.js'
import { PreparedCache } from '../.cache/build/client/prepared-cache.js'
import { Router } from '../.cache/build/client/router.js'
import { writeSteps } from './report.mjs'
import { statements, uuidOf } from './workloads.mjs'

const { values: options, positionals } = parseArgs({ options: { json: { type: 'string' }, docs: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } }, allowPositionals: true })
if (options.help) {
  console.log('Usage: npm run bench:micro -- [--json FILE] [--docs] [part of a name]')
  process.exit(0)
}
const { Murmur3Tokenizer } = createRequire(import.meta.url)('cassandra-driver/lib/tokenizer')
const codecs = new Codecs()
const groups = []
const group = (name, cases, per = 1) => groups.push({ name, cases, per })

for (const [title, shape, rows] of [['row of six columns', statements.point.shape, 100], ['row of nine mixed columns', statements.page.shape, 100]]) {
  const columns = shape.columns.map(([name, type]) => ({ name, type: parseType(type), keyspace: 'k', table: 't' }))
  const own = columns.map(({ type }) => codecs.of(type))
  const writer = new ByteWriter(1 << 16)
  for (let n = 0; n < rows; n++) shape.row(n).forEach((value, i) => encodeCell(own[i], writer, value))
  const bytes = writer.toBytes()
  const source = new ByteReader(bytes)
  const begin = () => source.reset(bytes, 0, bytes.length)
  const decoder = new RowDecoder(columns, codecs)
  const generated = generateRows(columns.map(({ name }) => name), own, 'object')
  const json = decoder.json()
  for (let i = 0; i < 10; i++) json.write(begin(), rows, 'array')
  group(`${title}: as object`, { 'plain loop': () => decoder.decodePlainly(begin(), rows, 'object'), generated: () => generated(begin(), rows) }, rows)
  group(`${title}: as JSON`, {
    'plain loop': () => json.writePlainly(begin(), rows, 'array'), generated: () => json.write(begin(), rows, 'array'),
    'objects, then JSON.stringify': () => new TextEncoder().encode(JSON.stringify(generated(begin(), rows), jsonReplacer)),
  }, rows)
  group(`${title}: by column`, {
    'typed arrays': () => {
      const collected = decoder.columnar()
      collected.read(begin(), rows)
      return collected.finish()
    },
  }, rows)
}

{
  const own = statements.insert.parameters.map(([, type]) => codecs.of(parseType(type)))
  const writer = new ByteWriter(1 << 12)
  const values = statements.insert.shape.row(7)
  const plain = new ValueWriter(own)
  const generated = generateWrite(own)
  group('six values of an insert', {
    'plain loop': () => { writer.pos = 0; plain.writePlainly(writer, values, 0) },
    generated: () => { writer.pos = 0; generated(writer, values, 0) },
  })
}
const someValues = {
  tinyint: 4, smallint: 42, int: 42, bigint: 42n, varint: 10n ** 20n, float: 0.5, double: 0.1, decimal: '1.50', boolean: true, text: 'amber', ascii: 'amber', blob: Uint8Array.of(1, 2, 3), uuid: uuidOf(7),
  timeuuid: '6ab09bec-e68e-11d9-a5f8-97e6fb4c9b47', inet: '127.0.0.1', timestamp: new Date(1.7e12), date: '2026-11-21', time: '12:00:00', duration: '1h30m', 'list<int>': [1, 2, 3], 'set<text>': ['a', 'b'],
  'map<text, text>': new Map([['a', 'b']]), 'tuple<int, text>': [1, 'a'], 'vector<float, 16>': new Float32Array(16),
}
for (const [type, value] of Object.entries(someValues)) {
  const codec = codecs.of(parseType(type))
  const writer = new ByteWriter(256)
  encodeCell(codec, writer, value)
  const source = new ByteReader(writer.toBytes())
  const end = source.end
  group(`codec of ${type}`, { encode: () => { writer.pos = 0; encodeCell(codec, writer, value) }, decode: () => codec.decode(source, 4, end) })
}
for (const length of [5, 20, 200]) {
  const bytes = new Uint8Array(length).fill(97)
  const decoder = new TextDecoder()
  group(`text of ${length} bytes`, { ours: () => utf8Decode(bytes, 0, length), TextDecoder: () => decoder.decode(bytes) })
}
{
  const id = Uint8Array.from({ length: 16 }, (_, i) => i * 7)
  const tokenizer = new Murmur3Tokenizer()
  group('token of 16 bytes', { ours: () => murmur3Token(id), 'cassandra-driver': () => tokenizer.hash(Buffer.from(id)) })
  group('uuid as text', { ours: () => uuidToString(id, 0) })
}
for (const length of [100, 4096, 131_071]) {
  const bytes = Uint8Array.from({ length }, (_, i) => i * 31)
  group(`CRC32 of ${length} bytes`, { plain: () => plainCrc32(bytes, 0), ...(crc32 && { platform: () => crc32(bytes, 0) }) })
}
{
  const header = Uint8Array.of(1, 2, 3)
  group('CRC24 of a segment header', { ours: () => crc24(header, 0, 3) })
  // 32 answers of 100 bytes in one segment, as a server sends them.
  const envelopes = new FrameEncoder({ from: 'server', version: 5, crc32 })
  envelopes.startSegments()
  for (let stream = 1; stream <= 32; stream++) {
    envelopes.begin(0, stream, opcodes.RESULT).raw(new Uint8Array(100))
    envelopes.end()
  }
  const segment = envelopes.flush().bytes.slice()
  const decoder = new FrameDecoder({ from: 'server', crc32 })
  decoder.startSegments()
  let seen = 0
  group('one of 32 answers in a segment', { decode: () => decoder.push(segment, () => { seen++ }) }, 32)
}
{
  const native = await loadNativeCompressor('lz4')
  const text = new TextEncoder().encode(Array.from({ length: 1500 }, (_, n) => JSON.stringify(statements.point.shape.row(n))).join('').slice(0, 65_536))
  const packed = lz4.compress(text)
  group('LZ4 of 64 KiB', {
    'compress, ours': () => lz4.compress(text), 'decompress, ours': () => lz4.decompress(packed, text.length),
    ...(native && { 'compress, lz4-napi': () => native.compress(text), 'decompress, lz4-napi': () => native.decompress(packed, text.length) }),
  })
}
for (const count of [1, 10, 100, 1000]) {
  // The ring and the choice of a node, as for a request: hash, place on the ring, replicas, the less busy one of two.
  const nodes = Array.from({ length: count }, (_, n) => ({
    hostId: uuidOf(n), address: `10.0.${n >> 8}.${n & 255}`, port: 9042, dataCenter: 'dc1', rack: `r${n % 3}`,
    tokens: Array.from({ length: 256 }, (_, i) => String(BigInt.asIntN(64, BigInt(n * 256 + i + 1) * 0x9e3779b97f4a7c15n))),
  }))
  const router = new Router()
  router.useTopology({ clusterName: 'c', partitioner: 'Murmur3Partitioner', nodes })
  const placement = { strategy: 'networkTopology', factors: new Map([['dc1', 3]]) }
  const target = { keyspace: 'k', table: 't', placement }
  const policy = tokenAware()
  const context = { nodes, localDataCenter: 'dc1', replicas: [], conditional: false, isUp: () => true, inFlight: () => 0 }
  const keys = Array.from({ length: 1024 }, (_, n) => Uint8Array.from({ length: 16 }, (_, i) => (n * 31 + i * 17) & 255))
  let n = 0
  group(`routing among ${count} nodes of 256 tokens`, {
    'token, replicas, first node': () => {
      context.replicas = router.route(target, keys[n++ & 1023]).replicas
      return policy.first(context)
    },
  })
  if (count === 1000) group('token map of 1,000 nodes', { build: () => new TokenMap(nodes, 'Murmur3Partitioner') })
}

for (const count of [1, 10, 100, 1000]) {
  const columns = Array.from({ length: count }, (_, i) => ({ name: `column_${i}`, type: parseType('int'), keyspace: 'k', table: 't' }))
  const writer = new ByteWriter(1 << 16)
  const rows = 1000 / count
  for (let i = 0; i < 1000; i++) encodeCell(codecs.of(columns[0].type), writer, i)
  const bytes = writer.toBytes()
  const source = new ByteReader(bytes)
  const decoder = new RowDecoder(columns, codecs)
  decoder.decode(new ByteReader(new Uint8Array(4 * count * 600).fill(255)), 600, 'object')
  group(`cells of rows of ${count} columns`, { 'as objects': () => decoder.decode(source.reset(bytes, 0, bytes.length), rows, 'object'), 'as JSON': () => decoder.json().write(source.reset(bytes, 0, bytes.length), rows, 'array') }, 1000)
}
for (const count of [1, 100, 10_000]) {
  const cache = new PreparedCache(20_000)
  const queries = Array.from({ length: count }, (_, i) => `SELECT name FROM shop.users WHERE id = ? AND part = ${i}`)
  for (const query of queries) cache.set('shop', query, query)
  let n = 0
  group(`prepared statement, one of ${count}`, { 'look-up': () => cache.get('shop', queries[(n += 7) % count]) })
}

const table = []
for (const { name, cases, per } of groups.filter((one) => positionals.every((part) => one.name.includes(part)))) {
  const bench = new Bench({ time: 100, warmupTime: 50, throws: true })
  for (const [title, run] of Object.entries(cases)) bench.add(title, run)
  await bench.run()
  for (const task of bench.tasks) {
    const ns = (task.result.latency.p50 * 1e6) / per
    table.push({ name, case: task.name, ns })
    console.log(`${name.padEnd(42)} ${task.name.padEnd(30)} ${ns < 100 ? ns.toFixed(1) : Math.round(ns).toLocaleString('en').padStart(0)} ns`)
  }
}
console.log(`\nNode ${process.version}, ${new Date().toISOString().slice(0, 10)}`)
if (options.docs) writeSteps(join(dirname(import.meta.dirname), 'docs'), table)
if (options.json) writeFileSync(options.json, `${JSON.stringify(table, null, 2)}\n`)
