// Compiles src/ with plain tsc, then puts the modules of each entry together: loading a hundred files takes Node four times as long as
// loading the same code from a few. Everything is made from nothing, so that no file of an older build stays behind.
import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { rolldown } from 'rolldown'

const root = dirname(import.meta.dirname)
const dist = join(root, 'dist')
const compiled = join(root, '.cache/build')
for (const directory of [dist, compiled]) rmSync(directory, { recursive: true, force: true })
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
execFileSync(process.execPath, [tsc, '-p', root, '--outDir', compiled, '--declarationDir', dist], { stdio: 'inherit' })

/** Everything that package.json leads to: entries, the command, and the leaves that are chosen per runtime. */
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const targets = JSON.stringify([manifest.exports, manifest.imports, manifest.bin]).matchAll(/\.\/dist\/([^"]+)\.js"/g)
const input = Object.fromEntries([...targets].map(([, name]) => [name, join(compiled, `${name}.js`)]))

const bundle = await rolldown({
  input,
  external: [/^(node|cloudflare):/, /^#/, ...Object.keys(manifest.peerDependencies).map((name) => new RegExp(`^${name}(/|$)`))],
  plugins: [{
    name: 'source-maps-of-tsc',
    load: (id) => (id.startsWith(compiled) ? { code: readFileSync(id, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'), map: readFileSync(`${id}.map`, 'utf8') } : null),
  }],
})
await bundle.write({ dir: dist, entryFileNames: '[name].js', chunkFileNames: 'shared/[name].js', sourcemap: true })
chmodSync(join(dist, 'cli/main.node.js'), 0o755)
