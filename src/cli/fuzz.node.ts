import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { OptionError } from '../base/index.js'
import { ClientFuzzer, fuzzServer, replayServer } from '../testing/index.js'
import type { FuzzFinding, FuzzReport } from '../testing/index.js'
import { credentials, numberOption } from './connect-options.node.js'
import { grouped, StatusLine } from './status-line.node.js'
import { drawTable } from './text-table.js'
import { explains } from './usage.node.js'

const help = `Usage: cqlwire fuzz --target HOST:PORT [options]            tests a server
       cqlwire fuzz --listen PORT [options] [-- COMMAND]   tests clients

Changes messages that its peer understands, in their bodies, headers and segments, and watches whether the peer is still there, still
answers, and keeps to the protocol.

A server must be on this machine, and may lose what it has: the keyspace cqlwire_fuzz is made in it and dropped.
Clients are served by an embedded server whose answers are changed on their way. COMMAND is a client: it is run again and again with
its address in the variable CQLWIRE_FUZZ_ADDRESS, and is expected to end by itself. Without COMMAND, connect with whatever you like.

Options:
  --seconds N       how long (default 60)
  --protocol 3|4|5  version of the protocol, for servers (default 5)
  --user NAME       user name; the password comes from the variable CQLWIRE_PASSWORD
  --seed N          begins elsewhere (default 1); the same seed changes the same answers of a client's connections in the same way
  --timeout N       seconds after which an answer, or the end of COMMAND, is missing (default 10)
  --out FILE        where findings go, as JSON (default cqlwire-fuzz.json)
  --replay FILE     runs a server's findings of such a file again on --target
  --json            print the result as JSON
  --quiet           show no progress
  --help            show this

Ends with 1 when something was found.
`

/** `cqlwire fuzz`. */
export async function fuzz(args: readonly string[]): Promise<void> {
  const end = args.indexOf('--')
  const command = end < 0 ? [] : args.slice(end + 1)
  const { values } = parseArgs({
    args: end < 0 ? [...args] : args.slice(0, end),
    options: {
      target: { type: 'string' }, listen: { type: 'string' }, seconds: { type: 'string' }, protocol: { type: 'string' }, user: { type: 'string' }, seed: { type: 'string' }, timeout: { type: 'string' },
      out: { type: 'string' }, replay: { type: 'string' }, json: { type: 'boolean' }, quiet: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
    },
  })
  const { target } = values
  if (explains(help, values.help, target !== undefined || values.listen !== undefined)) return
  if (target !== undefined && values.listen !== undefined) throw new OptionError('target', 'Give either --target or --listen')
  const seconds = numberOption('seconds', values.seconds) ?? 60
  const seed = numberOption('seed', values.seed) ?? 1
  const timeoutMs = (numberOption('timeout', values.timeout) ?? 10) * 1000
  const status = new StatusLine(values.quiet === true || values.json === true)
  const started = performance.now()
  const onProgress = ({ connections, messages, findings }: FuzzReport): void =>
    status.show(`${grouped(connections)} connections, ${grouped(messages)} messages, ${findings.length} findings`, Math.min(1, (performance.now() - started) / 1000 / seconds))
  let report: FuzzReport
  if (target === undefined) report = await fuzzClients({ port: numberOption('listen', values.listen)!, seconds, seed, timeoutMs, command, onProgress, quiet: values.quiet === true || values.json === true })
  else if (values.replay !== undefined) report = await replay(target, values.replay, timeoutMs)
  else {
    const protocolVersion = numberOption('protocol', values.protocol) ?? 5
    if (protocolVersion !== 3 && protocolVersion !== 4 && protocolVersion !== 5) throw new OptionError('protocol', `--protocol must be 3, 4 or 5, not '${values.protocol}'`)
    const auth = credentials(values.user)
    report = await fuzzServer({ target, seconds, seed, protocolVersion, hangMs: timeoutMs, onProgress, ...(auth && { auth }) })
  }
  status.end()
  const file = values.out ?? 'cqlwire-fuzz.json'
  const found = report.findings.length > 0
  // What was found may hold what the peer knows: for its owner's eyes only.
  if (found) writeFileSync(file, `${JSON.stringify({ target: target ?? `clients of port ${values.listen}`, ...report }, null, 1)}\n`, { mode: 0o600 })
  if (values.json) process.stdout.write(`${JSON.stringify({ ...report, file: found ? file : undefined })}\n`)
  else print(report, found ? file : undefined)
  if (found) process.exitCode = 1
}

function print({ connections, messages, answers, findings }: FuzzReport, file: string | undefined): void {
  const rows = Object.entries(answers).sort(([, a], [, b]) => b - a).map(([answer, times]) => ({ answer, times }))
  process.stdout.write(`${grouped(connections)} connections, ${grouped(messages)} messages\n\n${drawTable(rows, ['answer', 'times'])}\n\n`)
  for (const { kind, explanation } of findings) process.stdout.write(`${kind}: ${explanation}\n`)
  process.stdout.write(file === undefined ? 'Nothing was found.\n' : `${findings.length} findings are in ${file}\n`)
}

async function replay(target: string, file: string, timeoutMs: number): Promise<FuzzReport> {
  const { findings, seed } = readReport(file)
  if (findings.some(({ version }) => version === 0)) throw new OptionError('replay', `${file} holds findings about clients: run them again with --listen and --seed ${seed}`)
  const again: FuzzFinding[] = []
  for (const finding of findings) {
    const found = await replayServer(target, finding, timeoutMs)
    if (found) again.push(found)
  }
  return { seed, connections: findings.length, messages: findings.reduce((sum, { writes }) => sum + writes.length, 0), answers: { 'as before': again.length, 'no longer': findings.length - again.length }, findings: again }
}

/** @throws OptionError when it is no file of findings */
function readReport(file: string): FuzzReport {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as FuzzReport
    if (Array.isArray(report.findings) && report.findings.every(({ writes }) => Array.isArray(writes))) return report
  } catch (error) {
    throw new OptionError('replay', `${file} cannot be read: ${(error as Error).message}`)
  }
  throw new OptionError('replay', `${file} is not a file that cqlwire fuzz has written`)
}

interface ClientRun {
  readonly port: number
  readonly seconds: number
  readonly seed: number
  readonly timeoutMs: number
  readonly command: readonly string[]
  readonly onProgress: (report: FuzzReport) => void
  readonly quiet: boolean
}

async function fuzzClients({ port, seconds, seed, timeoutMs, command, onProgress, quiet }: ClientRun): Promise<FuzzReport> {
  await using fuzzer = await ClientFuzzer.start({ port, seed })
  if (command.length === 0 && !quiet) process.stderr.write(`Clients may connect to ${fuzzer.address} for ${seconds} s\n`)
  const until = performance.now() + seconds * 1000
  const ends = new Map<string, number>()
  while (performance.now() < until) {
    if (command.length === 0) await sleep(Math.min(1000, until - performance.now()))
    else {
      const end = await runOnce(command, fuzzer.address, timeoutMs)
      ends.set(end.text, (ends.get(end.text) ?? 0) + 1)
      if (end.kind) fuzzer.found(end.kind, `${command.join(' ')}: ${end.text}${end.output === '' ? '' : `\n${end.output}`}`)
    }
    onProgress(fuzzer.report)
  }
  const { report } = fuzzer
  return { ...report, answers: { ...report.answers, ...Object.fromEntries(ends) } }
}

/** How a client ended: by a signal of its own it has crashed, by ours it hung; a code is its own affair. */
async function runOnce([name, ...args]: readonly string[], address: string, timeoutMs: number): Promise<{ readonly kind?: FuzzFinding['kind']; readonly text: string; readonly output: string }> {
  const child = spawn(name!, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, CQLWIRE_FUZZ_ADDRESS: address } })
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => { output = (output + chunk.toString()).slice(-2000) })
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, timeoutMs)
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.on('error', (error) => reject(new OptionError('command', `${name} cannot be run: ${error.message}`)))
      child.on('exit', (...end) => resolve(end))
    })
    if (late) return { kind: 'hang', text: 'the client did not end', output }
    return signal === null ? { text: `the client ended with ${code}`, output } : { kind: 'crash', text: `the client was ended by ${signal}`, output }
  } finally {
    clearTimeout(timer)
  }
}
