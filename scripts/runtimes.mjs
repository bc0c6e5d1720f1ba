// Brings other runtimes into a folder of their own: Bun, Deno, workerd, and the later versions of Node. `npm run runtimes`
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

const directory = join(dirname(import.meta.dirname), '.cache/runtimes')
const node = `node-${process.platform}-${process.arch}`
mkdirSync(directory, { recursive: true })
const packages = ['@edge-runtime/vm@5.0.0', 'bun@1.4.5', 'deno@2.9.6', 'workerd@1.20261117.1', `node22@npm:${node}@22.23.3`, `node24@npm:${node}@24.21.0`, `node26@npm:${node}@26.12.1`]
execFileSync('npm', ['install', '--prefix', directory, '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error', ...packages], { stdio: 'inherit', shell: process.platform === 'win32' })
