// Runs properties and changed inputs until it is stopped, or has found something. What it is at stands in shared memory, so that an
// input which hangs the thread, or takes all its memory, is known.
import { parentPort, workerData } from 'node:worker_threads'
import fc from 'fast-check'
import { Mutator } from '../../src/testing/index.js'
import { blockTarget } from './block-target.js'
import { captured } from './captured.js'
import { withinMemory } from './counted-bytes.js'
import { Coverage } from './coverage.js'
import { messageTarget } from './message-target.js'
import { properties } from './properties.js'
import { rowTarget } from './row-target.js'
import { streamTarget } from './stream-target.js'
import type { Target } from './target.js'
import { textTarget } from './text-target.js'

/** What the thread is told. */
export interface WorkerOptions {
  readonly seed: number
  /** Names of the targets; all when empty. */
  readonly targets: readonly string[]
  /** [0]: a wish to stop; [1]: number of the target at work; [2]: length of the input; the input begins at byte 16. */
  readonly shared: SharedArrayBuffer
  /** Inputs kept from earlier runs, by target, in hexadecimal. */
  readonly corpus: Readonly<Record<string, readonly string[]>>
  /** Texts with which to run once and end, instead of searching: a target and an input in hexadecimal. */
  readonly replay: readonly (readonly [string, string])[]
}

/** What is reported. */
export type Report =
  | { readonly kind: 'progress'; readonly inputs: number; readonly bodies: number; readonly rounds: number; readonly corpus: number; readonly reached: readonly [number, number] }
  | { readonly kind: 'kept'; readonly target: string; readonly input: string }
  | { readonly kind: 'finding'; readonly target: string; readonly input: string; readonly error: string }
  | { readonly kind: 'end' }

const MAX_INPUT = 4096
const SLOW_MS = 100
/** Inputs in each round: those that reach a decoder of bodies cheaply come most. */
const shares: Readonly<Record<string, number>> = { message: 8000, rows: 1500, stream: 1000, block: 500, text: 500 }
const RUNS_PER_PROPERTY = 25

const { seed, targets: wanted, shared, corpus: kept, replay } = workerData as WorkerOptions
const flags = new Int32Array(shared, 0, 4)
const current = new Uint8Array(shared, 16)
const targets = [messageTarget, rowTarget, streamTarget, blockTarget, textTarget].filter(({ name }) => wanted.length === 0 || wanted.includes(name))
const mutator = new Mutator({ seed, maxLength: MAX_INPUT })
const coverage = new Coverage()
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const port = parentPort!
const say = (report: Report): void => { port.postMessage(report) } // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread, not a window
const stopped = (): boolean => Atomics.load(flags, 0) !== 0

let inputs = 0
let bodies = 0

/** Runs an input. @returns whether all rules held */
function run(target: Target, number: number, input: Uint8Array): boolean {
  flags[1] = number
  flags[2] = input.length
  current.set(input)
  inputs++
  const attempt = (): number => {
    const started = performance.now()
    bodies += withinMemory(() => target.run(input))
    return performance.now() - started
  }
  // Most inputs end in an error, and where it comes from costs more than the rest: only a finding's is asked for.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    // The collector or another process may have had the time: only an input that is slow each time is one.
    if (attempt() > SLOW_MS && attempt() > SLOW_MS && attempt() > SLOW_MS) throw new Error(`takes longer than ${SLOW_MS} ms`)
    return true
  } catch (error) {
    Error.stackTraceLimit = stackTraceLimit
    say({ kind: 'finding', target: target.name, input: hex(input), error: explain(again(attempt) ?? error) })
    return false
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** What it throws when it is run once more, with the places it comes from. */
function again(attempt: () => unknown): unknown {
  try {
    attempt()
    return undefined
  } catch (error) {
    return error
  }
}

function explain(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function checkProperties(round: number): boolean {
  for (const { name, rule } of wanted.length === 0 ? properties : []) {
    flags[2] = 0
    const result = fc.check(rule, { seed: seed * 7919 + round, numRuns: RUNS_PER_PROPERTY })
    if (result.failed) {
      say({ kind: 'finding', target: `property: ${name}`, input: '', error: fc.defaultReportMessage(result as never) ?? 'failed' })
      return false
    }
  }
  return true
}

function checkCaptured(): boolean {
  for (const { name, check } of captured()) {
    try {
      check()
    } catch (error) {
      say({ kind: 'finding', target: `captured: ${name}`, input: '', error: explain(error) })
      return false
    }
  }
  return true
}

/** Inputs of each target: seeds and what is kept, then whatever has reached something new. */
function search(): void {
  const corpora = targets.map((target) => [...target.seeds(seed), ...(kept[target.name] ?? []).map((text) => new Uint8Array(Buffer.from(text, 'hex')))])
  for (const [number, target] of targets.entries()) {
    for (const input of corpora[number]!) {
      if (input.length <= MAX_INPUT && !run(target, number, input)) return
    }
  }
  if (!checkCaptured()) return
  coverage.advanced()
  for (let round = 0; !stopped(); round++) {
    if (!checkProperties(round)) return
    for (const [number, target] of targets.entries()) {
      const corpus = corpora[number]!
      for (let i = 0; i < shares[target.name]!; i++) {
        // What was kept last is tried most.
        const recent = mutator.random.uint32() % 4 === 0 ? Math.max(0, corpus.length - 32) : 0
        const base = corpus[mutator.random.between(recent, corpus.length - 1)]!
        const input = mutator.mutate(base, corpus[mutator.random.between(0, corpus.length - 1)], target.keep)
        if (!run(target, number, input)) return
        if (coverage.advanced()) {
          corpus.push(input.slice())
          say({ kind: 'kept', target: target.name, input: hex(input) })
        }
      }
    }
    say({ kind: 'progress', inputs, bodies, rounds: round + 1, corpus: corpora.reduce((sum, { length }) => sum + length, 0), reached: coverage.reached })
  }
}

if (replay.length > 0) {
  for (const [name, text] of replay) {
    const number = targets.findIndex((target) => target.name === name)
    if (number >= 0) run(targets[number]!, number, new Uint8Array(Buffer.from(text, 'hex')))
  }
} else search()
say({ kind: 'end' })
