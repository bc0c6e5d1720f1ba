// Plants the bugs of this folder one by one, and sees whether the fuzzer finds them. `node test/mutants/run.mjs --help` explains.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'

const help = `Usage: npm run prove:mutants -- [options]

Each patch here is a bug that a CQL driver has had. It is applied to a copy of the source, and the fuzzer run on it with another seed
each time, without the inputs that were kept from other runs.

Options:
  --runs N      runs of each (default 10)
  --seconds N   time for each run (default 30)
  --only N      the bug of that number, or 'today' for one that changes with the date
  --json        prints the result as JSON
  --help        shows this
`
const { values } = parseArgs({ options: { runs: { type: 'string' }, seconds: { type: 'string' }, only: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } } })
if (values.help) {
  process.stdout.write(help)
  process.exit(0)
}

const here = import.meta.dirname
const root = dirname(dirname(here))
const runs = Number(values.runs ?? 10)
const all = readdirSync(here).filter((name) => name.endsWith('.patch')).sort()
const today = Math.floor(Date.now() / 86_400_000)
const number = values.only === 'today' ? (today % all.length) + 1 : Number(values.only ?? 0)
const chosen = number === 0 ? all : [all[number - 1]]

const rows = []
for (const patch of chosen) {
  const copy = join(root, '.cache/mutants', patch.replace(/\.patch$/, ''))
  rmSync(copy, { recursive: true, force: true })
  mkdirSync(copy, { recursive: true })
  for (const part of ['src', 'test', 'package.json']) cpSync(join(root, part), join(copy, part), { recursive: true })
  rmSync(join(copy, 'test/fuzz/corpus.json'), { force: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  execFileSync('patch', ['-p1', '--silent', '-i', join(here, patch)], { cwd: copy })
  const times = []
  const by = new Set()
  for (let run = 0; run < runs; run++) {
    const { stdout, stderr } = spawnSync(process.execPath, ['test/fuzz/run.mjs', '--json', '--seconds', values.seconds ?? '30', '--seed', String(today * 100 + run)], { cwd: copy, encoding: 'utf8', maxBuffer: 1 << 26 })
    if (stdout === '') throw new Error(`The fuzzer did not run: ${stderr}`)
    const { found, elapsedMs } = JSON.parse(stdout)
    if (found.length > 0) {
      times.push(elapsedMs)
      by.add(found[0].target)
    }
  }
  times.sort((a, b) => a - b)
  const row = { bug: patch.replace(/\.patch$/, ''), found: times.length, runs, medianSeconds: times.length > 0 ? Math.round(times[times.length >> 1] / 100) / 10 : undefined, by: [...by] }
  rows.push(row)
  if (!values.json) process.stdout.write(`${row.bug}: found in ${row.found} of ${runs} runs${row.medianSeconds === undefined ? '' : `, after ${row.medianSeconds} s (median), by ${row.by.join('; ')}`}\n`)
  rmSync(copy, { recursive: true, force: true })
}
if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`)
process.exitCode = rows.every(({ found }) => found >= runs * 0.9) ? 0 : 1
