// Packs the package, installs the tarball elsewhere, and uses it as a stranger would: every entry loads, by import and by
// require, nothing else is installed with it, and the command line answers.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { packInto } from './pack-into.mjs'

const root = dirname(import.meta.dirname)
const directory = mkdtempSync(join(tmpdir(), 'cqlwire-package-'))
const run = (command, args, cwd = directory) => execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
try {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  if (Object.keys(manifest.dependencies ?? {}).length > 0) throw new Error('The package has runtime dependencies')
  const tarball = packInto(directory)
  // What other people's linters of packages say: of the manifest, and of types under every way of resolving modules that knows ESM.
  run('npx', ['publint', '--strict', join(directory, tarball)], root)
  run('npx', ['attw', join(directory, tarball), '--profile', 'esm-only', '--format', 'ascii'], root)
  writeFileSync(join(directory, 'package.json'), '{"private": true, "type": "module"}')
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', `./${tarball}`])
  const installed = readdirSync(join(directory, 'node_modules')).filter((name) => !name.startsWith('.'))
  if (installed.join() !== 'cqlwire') throw new Error(`Installed beside the package: ${installed}`)
  // What entries need that are about another package; those of compression are loaded only if they are there.
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', `apache-arrow@${manifest.devDependencies['apache-arrow']}`])
  const entries = Object.keys(manifest.exports).filter((name) => !name.endsWith('.json')).map((name) => `cqlwire${name.slice(1)}`)
  for (const entry of entries) {
    run('node', ['--input-type=module', '-e', `const m = await import('${entry}'); if (Object.keys(m).length === 0) throw new Error('empty')`])
    run('node', ['--input-type=commonjs', '-e', `if (Object.keys(require('${entry}')).length === 0) throw new Error('empty')`])
  }
  const version = run('npx', ['cqlwire', '--version']).trim()
  if (version !== manifest.version) throw new Error(`The command line says it is ${version}, package.json ${manifest.version}`)
  console.log(`${entries.length} entries load from the packed tarball, by import and by require`)
} catch (error) {
  console.error(error.stdout || error.stderr || error)
  process.exitCode = 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}
