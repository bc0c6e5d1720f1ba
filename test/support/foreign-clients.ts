// Clients written by others, each with a scenario in `test/clients`: built into a folder of this user's cache, since a clean clone has none.
import { execFile } from 'node:child_process'
import { cp, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'cqlwire', 'clients')
const SOURCES = 'test/clients'

/** A program that is given a host, a port and a keyspace, and prints what it finds. */
interface ForeignClient {
  readonly name: string
  /** What it needs on the machine. */
  readonly needs: readonly [command: string, ...args: string[]]
  /** Builds it. @returns the command to run it with */
  readonly build: () => Promise<readonly [command: string, ...args: string[]]>
}

const python = process.env['CQLWIRE_PYTHON'] ?? 'python3'
const most = { maxBuffer: 1 << 26 }

export const foreignClients: readonly ForeignClient[] = [
  { name: 'the object mapper of the Python driver', needs: [python, '-c', 'import cassandra.cqlengine'], build: () => Promise.resolve([python, join(SOURCES, 'mapper.py')]) },
  {
    name: 'the Java driver', needs: ['mvn', '-v'],
    async build() {
      const folder = join(CACHE, 'java')
      await mkdir(folder, { recursive: true })
      await run('mvn', ['-q', '-B', '-f', join(SOURCES, 'java/pom.xml'), 'dependency:copy-dependencies', `-DoutputDirectory=${join(folder, 'lib')}`], most)
      await run('javac', ['-cp', join(folder, 'lib', '*'), '-d', folder, join(SOURCES, 'java/Scenario.java')], most)
      return ['java', '-cp', `${join(folder, 'lib', '*')}:${folder}`, 'Scenario']
    },
  },
  {
    name: 'gocql', needs: ['go', 'version'],
    async build() {
      await mkdir(CACHE, { recursive: true })
      const program = join(CACHE, 'gocql-scenario')
      await run('go', ['build', '-o', program, '.'], { ...most, cwd: join(SOURCES, 'go') })
      return [program]
    },
  },
  {
    name: 'the scylla crate', needs: ['cargo', '--version'],
    async build() {
      const target = join(CACHE, 'rust')
      await run('cargo', ['build', '--locked', '--quiet', '--manifest-path', join(SOURCES, 'rust/Cargo.toml')], { ...most, env: { ...process.env, CARGO_TARGET_DIR: target } })
      return [join(target, 'debug/scenario')]
    },
  },
  {
    name: 'express-cassandra', needs: ['npm', '-v'],
    async build() {
      const folder = join(CACHE, 'express')
      await cp(join(SOURCES, 'express'), folder, { recursive: true })
      await run('npm', ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], most)
      return [process.execPath, join(folder, 'scenario.js')]
    },
  },
]

/** Runs a program on a server. @returns what it prints, with its keyspace named `ks`, and whether it came to its end */
export async function runScenario([command, ...args]: readonly [string, ...string[]], contactPoint: string, keyspace: string): Promise<{ readonly text: string; readonly ended: boolean }> {
  const [host, port] = contactPoint.split(':') as [string, string]
  try {
    const { stdout, stderr } = await run(command, [...args, host, port, keyspace], { ...most, timeout: 240_000 })
    return { text: `${stdout}${stderr}`.replaceAll(keyspace, 'ks'), ended: true }
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return { text: `${stdout}${stderr}`.replaceAll(keyspace, 'ks'), ended: false }
  }
}

/** Whether a command is there. */
export async function isThere([command, ...args]: ForeignClient['needs']): Promise<boolean> {
  try {
    await run(command, args)
    return true
  } catch {
    return false
  }
}
