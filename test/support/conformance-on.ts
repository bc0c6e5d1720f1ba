// The conformance suite on other runtimes: bundled once, and run against whatever server is given.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClientOptions } from '../../src/client/index.js'
import { startBridge } from '../../src/cli/web-socket-bridge.node.js'
import { bundled, edgeRuntime, foreignParts, root, runOn, runtimes, startWorker, workerd } from './runtimes.js'

/** What a runtime says of the suite. */
export interface Conformance {
  readonly passed: readonly string[]
  readonly failed: readonly string[]
}

/** What the suite is run with: options of a client. */
export interface ConformanceSettings {
  readonly contactPoints: readonly string[]
  readonly keyspace: string
  readonly protocolVersion: number
  readonly compression?: string
  readonly timeoutMs?: number
  readonly auth?: ClientOptions['auth']
  readonly tls?: ClientOptions['tls']
}

/** A runtime by its name, and how the suite is run on it; without that it is not installed. */
export interface ConformanceRuntime {
  readonly name: string
  /** Whether it can be told which authorities to trust, and has certificates of its own. */
  readonly privateTls: boolean
  readonly run: ((settings: ConformanceSettings) => Promise<Conformance>) | undefined
}

/** The bundle of a module of `test/runtimes`, within the checkout, so that programs find what it leaves to them. */
async function programOf(name: string): Promise<string> {
  const { code } = await bundled(join(root, 'test/runtimes', name), [], [/dist\/client\/index\.js$/, /^node:/])
  const directory = join(root, '.cache/conformance')
  mkdirSync(directory, { recursive: true })
  const file = join(directory, name)
  writeFileSync(file, code)
  return file
}

/** The bundle of a module of `test/runtimes` for a runtime that is not like Node. @throws Error naming what the runtime does not have */
async function foreignBundle(name: string, conditions: readonly string[], external: readonly RegExp[] = []): Promise<string> {
  const { code, imports } = await bundled(join(root, 'test/runtimes', name), conditions, external)
  const foreign = [...imports.filter((path) => !external.some((pattern) => pattern.test(path))), ...foreignParts(code)]
  if (foreign.length > 0) throw new Error(`The bundle of ${name} has what the runtime does not have: ${foreign.join()}`)
  return code
}

/** Runs the suite in a Worker. */
async function inWorker(settings: ConformanceSettings, flags: readonly string[]): Promise<Conformance> {
  const code = await foreignBundle('conformance-worker.mjs', ['workerd', 'worker'], [/^cloudflare:sockets$/])
  await using worker = await startWorker(code, flags)
  const response = await fetch(worker.url, { method: 'POST', body: JSON.stringify(settings) })
  return (await response.json()) as Conformance
}

/** Runs the suite in the Vercel edge runtime, through a bridge. */
async function onTheEdge(settings: ConformanceSettings): Promise<Conformance> {
  const code = await foreignBundle('conformance-edge.mjs', ['edge-light', 'worker', 'browser'])
  const bridge = await startBridge({ host: '127.0.0.1', port: 0, allow: [...settings.contactPoints], token: undefined, tls: undefined, maxTunnels: 100, onRefused: () => {} })
  try {
    const runtime = await edgeRuntime!()
    await runtime.evaluate(code)
    return JSON.parse(await runtime.evaluate(`conformanceThrough('ws://127.0.0.1:${bridge.port}', ${JSON.stringify(settings)})`)) as Conformance
  } finally {
    await bridge.close()
  }
}

export const conformanceRuntimes: readonly ConformanceRuntime[] = [
  ...runtimes.map((runtime): ConformanceRuntime => ({
    name: runtime.name, privateTls: true,
    run: runtime.path === undefined ? undefined : async (settings) => JSON.parse(await runOn(runtime, await programOf('conformance-main.mjs'), JSON.stringify(settings))) as Conformance,
  })),
  { name: 'workerd', privateTls: false, run: workerd === undefined ? undefined : (settings) => inWorker(settings, []) },
  { name: 'workerd with nodejs_compat', privateTls: false, run: workerd === undefined ? undefined : (settings) => inWorker(settings, ['nodejs_compat']) },
  { name: 'the Vercel edge runtime', privateTls: false, run: edgeRuntime === undefined ? undefined : onTheEdge },
]
