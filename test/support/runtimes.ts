// Other runtimes, as `npm run runtimes` brings them: programs that run a module, and workerd, which answers requests with one.
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'

export const root: string = fileURLToPath(new URL('../..', import.meta.url))
const modules = join(root, '.cache/runtimes/node_modules')

/** A program of one of the packages of a scope, which are one for each platform. */
function program(scope: string, path: string): string | undefined {
  const directory = join(modules, scope)
  return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name, path)).find((file) => existsSync(file)) : undefined
}

function nodeOf(version: number): string | undefined {
  const file = join(modules, `node${version}`, 'bin/node')
  return existsSync(file) ? file : undefined
}

/** A runtime that runs a module. */
export interface Runtime {
  readonly name: string
  /** Undefined where it is not installed. */
  readonly path: string | undefined
  readonly flags: readonly string[]
}

export const runtimes: readonly Runtime[] = [
  { name: `Node ${process.versions.node.split('.')[0]}`, path: process.execPath, flags: [] },
  ...[22, 24, 26].map((version): Runtime => ({ name: `Node ${version}`, path: nodeOf(version), flags: [] })),
  { name: 'Bun', path: program('@oven', 'bin/bun'), flags: [] },
  { name: 'Deno', path: program('@deno', 'deno'), flags: ['run', '--no-lock', '--allow-read', '--allow-net', '--allow-env', '--allow-sys', '--no-remote', '--no-prompt'] },
]

export const workerd: string | undefined = program('@cloudflare', 'bin/workerd')

/** The Vercel edge runtime: a context with its globals, in which code runs as a script. */
export interface EdgeRuntime {
  evaluate(code: string): Promise<string>
}

const edgePackage = join(modules, '@edge-runtime/vm/dist/index.js')

/** Makes a Vercel edge runtime; undefined where it is not installed. */
export const edgeRuntime: (() => Promise<EdgeRuntime>) | undefined = existsSync(edgePackage)
  ? async () => new ((await import(edgePackage)) as { EdgeVM: new () => EdgeRuntime }).EdgeVM()
  : undefined

/** Runs a module. @returns what it prints */
export async function runOn({ path, flags }: Runtime, file: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(path!, [...flags, file, ...args], { cwd: root, maxBuffer: 1 << 26, env: { ...process.env, DENO_NO_UPDATE_CHECK: '1' } })
  return stdout
}

/** A module and all that it imports, as one. @returns its code, and what it imports from the runtime */
export async function bundled(input: string, conditions: readonly string[], external: readonly RegExp[] = []): Promise<{ readonly code: string; readonly imports: readonly string[] }> {
  const bundle = await rolldown({ input, platform: 'neutral', resolve: { conditionNames: [...conditions, 'import'] }, external: [...external] })
  const { output } = await bundle.generate({ format: 'esm', codeSplitting: false })
  const [{ code, imports }] = output
  return { code, imports }
}

/** What a bundle has that neither Workers nor browsers have; names of fields and words of comments do not count. */
export function foreignParts(code: string): string[] {
  return code.replaceAll(/^\s*(\*|\/\/|\/\*).*$/gm, '').match(/["'`]node:\w+|\bBuffer\b|\beval\(|\bnew Function\b/g) ?? []
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => { server.close(resolve) })
  return port
}

/** A Worker that runs. */
export interface RunningWorker extends AsyncDisposable {
  readonly url: string
}

/**
 * Runs a Worker in workerd, which lets it reach addresses of this machine.
 *
 * @param code of its module
 * @param flags of compatibility, such as `nodejs_compat`
 * @param objects classes of Durable Objects, each bound to its name in capitals
 * @param variables texts that it is given
 */
export async function startWorker(code: string, flags: readonly string[] = [], objects: readonly string[] = [], variables: Readonly<Record<string, string>> = {}): Promise<RunningWorker> {
  const directory = mkdtempSync(join(tmpdir(), 'cqlwire-worker-'))
  writeFileSync(join(directory, 'worker.mjs'), code)
  const port = await freePort()
  const list = (items: readonly string[]): string => `[${items.join(', ')}]`
  writeFileSync(join(directory, 'config.capnp'), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs")], compatibilityDate = "2024-09-23", compatibilityFlags = ${list(flags.map((flag) => `"${flag}"`))},
  durableObjectNamespaces = ${list(objects.map((name) => `(className = "${name}", uniqueKey = "${name}")`))}, durableObjectStorage = (inMemory = void),
  bindings = ${list([...objects.map((name) => `(name = "${name.toUpperCase()}", durableObjectNamespace = "${name}")`), ...Object.entries(variables).map(([name, text]) => `(name = "${name}", text = "${text}")`)])}
);
`)
  const server = spawn(workerd!, ['serve', join(directory, 'config.capnp')], { stdio: 'inherit' })
  const url = `http://127.0.0.1:${port}/`
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => { server.once('exit', resolve) })
    server.kill()
    if (server.exitCode === null) await ended
    rmSync(directory, { recursive: true, force: true })
  }
  for (let i = 0; i < 100; i++) {
    try {
      await fetch(`${url}ready`)
      return { url, [Symbol.asyncDispose]: stop }
    } catch {
      await new Promise((resolve) => { setTimeout(resolve, 200) })
    }
  }
  await stop()
  throw new Error('workerd did not listen within 20 seconds')
}
