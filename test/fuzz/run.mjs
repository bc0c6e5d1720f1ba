// Looks for inputs that break the codec. `node test/fuzz/run.mjs --help` explains.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { rolldown } from 'rolldown'

const help = `Usage: npm run fuzz -- [options]

Gives the codec changed messages, rows, streams, blocks and texts until a rule is broken: an error that is none of ours, a time of more
than 100 ms, too much memory, or a message that is not read as it was written. Code is instrumented, and inputs that reach
something new are kept as the ground for further changes.

Options:
  --seconds N     how long (default 30)
  --inputs N      end once so many inputs have reached a decoder of bodies, instead
  --seed N        begins elsewhere (default: today's date)
  --target A,B    of message, rows, stream, block, text (default all, and the properties)
  --workers N     threads (default 1)
  --no-guide      no instrumentation: about four times as many inputs, none kept
  --keep          adds what reached something new to test/fuzz/corpus.json
  --replay FILE   runs the input of a finding again, and nothing else
  --json          prints the result as JSON
  --help          shows this
`

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' }, inputs: { type: 'string' }, seed: { type: 'string' }, target: { type: 'string' }, workers: { type: 'string' }, 'no-guide': { type: 'boolean' },
    keep: { type: 'boolean' }, replay: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' },
  },
})
if (values.help) {
  process.stdout.write(help)
  process.exit(0)
}

const here = import.meta.dirname
const root = dirname(dirname(here))
const corpusFile = join(here, 'corpus.json')
const findings = join(root, '.cache/fuzz')
const guided = !values['no-guide']
/** A thread that says nothing for so long hangs. */
const SILENT_MS = 60_000

/** The worker and everything that it tests in one file, with counters where they are wanted. */
async function build() {
  const instrumenter = guided && createRequire(import.meta.url)('istanbul-lib-instrument').createInstrumenter({ esModules: true, compact: true, parserPlugins: ['typescript'], coverageVariable: '__coverage__' })
  const watched = /\/src\/(protocol|codecs|cql)\//
  const bundle = await rolldown({
    input: join(here, 'worker.ts'),
    platform: 'node',
    external: [/^node:/, 'lz4-napi', 'snappy'],
    resolve: { alias: { '#platform': join(root, 'src/transport/platform.node.ts'), '#timers': join(root, 'src/base/timers.shared.ts'), '#jit': join(root, 'src/codecs/generators.jit.ts'), '#bytes': join(here, 'counted-bytes.ts') } },
    plugins: instrumenter ? [{ name: 'counters', transform: (code, id) => (watched.test(id) ? { code: instrumenter.instrumentSync(code, id), map: null } : null) }] : [],
  })
  const file = join(findings, guided ? 'worker.mjs' : 'worker-plain.mjs')
  await bundle.write({ file, format: 'esm', codeSplitting: false })
  await bundle.close()
  return file
}

const seed = Number(values.seed ?? Math.floor(Date.now() / 86_400_000))
const seconds = Number(values.seconds ?? (values.inputs === undefined ? 30 : Number.MAX_SAFE_INTEGER))
const wantedBodies = Number(values.inputs ?? Number.POSITIVE_INFINITY)
const targets = values.target?.split(',') ?? []
const replay = values.replay === undefined ? [] : [Object.values(JSON.parse(readFileSync(values.replay, 'utf8'))).slice(0, 2)]
const corpus = existsSync(corpusFile) ? JSON.parse(readFileSync(corpusFile, 'utf8')) : {}

mkdirSync(findings, { recursive: true })
const file = await build()
const names = ['message', 'rows', 'stream', 'block', 'text'].filter((name) => targets.length === 0 || targets.includes(name))
const started = performance.now()
const found = []
const kept = []
const progress = new Map()
let stop = () => {}

function totals() {
  const all = [...progress.values()]
  return { inputs: all.reduce((sum, { inputs }) => sum + inputs, 0), bodies: all.reduce((sum, { bodies }) => sum + bodies, 0), reached: all[0]?.reached ?? [0, 0] }
}

function runWorker(number) {
  return new Promise((resolve) => {
    const shared = new SharedArrayBuffer(16 + 8192)
    const flags = new Int32Array(shared, 0, 4)
    const worker = new Worker(file, { workerData: { seed: seed + number, targets, shared, corpus, replay }, resourceLimits: { maxOldGenerationSizeMb: 512 } })
    let heard = performance.now()
    const current = (error) => ({ target: names[flags[1]], input: Buffer.from(shared, 16, flags[2]).toString('hex'), error })
    const watch = setInterval(() => {
      if (performance.now() - heard < SILENT_MS) return
      found.push(current('The thread hangs'))
      void worker.terminate()
    }, 1000)
    const previous = stop
    stop = () => { previous(); Atomics.store(flags, 0, 1) }
    worker.on('message', (report) => {
      heard = performance.now()
      if (report.kind === 'finding') found.push({ target: report.target, input: report.input, error: report.error })
      if (report.kind === 'kept') kept.push(report)
      if (report.kind === 'progress') {
        progress.set(number, report)
        if (totals().bodies >= wantedBodies || performance.now() - started > seconds * 1000 || found.length > 0) stop()
      }
    })
    worker.on('error', (error) => found.push(current(`The thread died: ${error.stack ?? error}`)))
    worker.on('exit', () => {
      clearInterval(watch)
      resolve()
    })
  })
}

const timer = setTimeout(() => stop(), Math.min(seconds * 1000, 2 ** 31 - 1))
const status = process.stderr.isTTY && setInterval(() => {
  const { inputs, bodies, reached } = totals()
  process.stderr.write(`\r${Math.round((performance.now() - started) / 1000)} s, ${inputs} inputs, ${bodies} bodies, ${reached[0]} of ${reached[1]} places`)
}, 1000)
await Promise.all(Array.from({ length: Number(values.workers ?? 1) }, (_, number) => runWorker(number)))
clearTimeout(timer)
if (status) {
  clearInterval(status)
  process.stderr.write('\n')
}

const elapsed = (performance.now() - started) / 1000
const { inputs, bodies, reached } = totals()
found.forEach((finding, i) => {
  finding.file = join(findings, `finding-${seed}-${i}.json`)
  writeFileSync(finding.file, `${JSON.stringify(finding, null, 2)}\n`)
})
if (values.keep) {
  for (const { target, input } of kept) (corpus[target] ??= []).push(input)
  writeFileSync(corpusFile, `${JSON.stringify(corpus, null, 1)}\n`)
}
if (values.json) process.stdout.write(`${JSON.stringify({ seed, elapsedMs: Math.round(elapsed * 1000), inputs, bodies, reached, kept: kept.length, found })}\n`)
else {
  process.stdout.write(`seed ${seed}: ${inputs.toLocaleString('en')} inputs in ${elapsed.toFixed(1)} s, ${bodies.toLocaleString('en')} of them reached a decoder of bodies${guided ? `; ${reached[0]} of ${reached[1]} places reached, ${kept.length} inputs reached something new` : ''}\n`)
  for (const { target, error, file: at } of found) process.stdout.write(`\nFOUND by ${target}, kept in ${at}\n${error}\n`)
}
process.exitCode = found.length > 0 ? 1 : 0
