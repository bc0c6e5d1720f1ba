// Compiles src/ to dist/ with plain tsc, from nothing, so that no file of an older build stays behind.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)
rmSync(join(root, 'dist'), { recursive: true, force: true })
const manifest = createRequire(import.meta.url).resolve('typescript/package.json')
execFileSync(process.execPath, [join(dirname(manifest), 'bin/tsc'), '-p', root], { stdio: 'inherit' })
const bin = join(root, 'dist/cli/main.node.js')
if (existsSync(bin)) chmodSync(bin, 0o755)
