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

/** The leaves that are chosen per runtime. */
const leaves = new Map(Object.entries(manifest.imports).map(([name, chosen]) => [name, [...new Set(Object.values(chosen))].map((leaf) => leaf.replace('./dist', compiled))]))
const everyLeaf = new Set([...leaves.values()].flat())

/** Static imports of a module: names, and where they come from. */
function importsOf(file) {
  const statements = readFileSync(file, 'utf8').matchAll(/^(import|export) (?:\{([^}]*)\} from |(\*)[^'"]* from )?["']([.#][^'"]+)["']/gm)
  return [...statements].flatMap(([, kind, list, star, path]) => {
    const names = star ? undefined : (list ?? '').split(',').map((name) => name.trim().split(' as ')[0])
    return (leaves.get(path) ?? [join(dirname(file), path)]).map((from) => ({ kind, names, from }))
  })
}

/** Modules that some names of one need (all of it, without names): of a file that only passes names on, those that are asked for. */
function reachable(file, names, found = new Set()) {
  const passesOn = file.endsWith('/index.js')
  if (!passesOn && found.has(file)) return found
  found.add(file)
  for (const { kind, names: passed, from } of importsOf(file)) {
    const wanted = kind === 'export' && names !== undefined ? (passed ?? names).filter((name) => names.includes(name)) : passed
    if (!passesOn || wanted === undefined || wanted.length > 0 || everyLeaf.has(from)) reachable(from, wanted, found)
  }
  return found
}
const rooms = Object.fromEntries(['client', 'base', 'cql', 'resilience', 'protocol', 'codecs'].map((room) => [room, reachable(join(compiled, room, 'index.js'))]))
/** Files of some runtimes only have the name of theirs. */
const ofOneRuntime = /\.\w+\.js$/

/** What `cqlwire` loads comes from few files, and each of these holds what one of the smaller entries needs of it; the rest is left to the bundler. */
function chunkOf(id) {
  if (!rooms.client.has(id) || ofOneRuntime.test(id)) return null
  if (['base', 'cql', 'resilience'].some((room) => rooms[room].has(id))) return 'base'
  return ['protocol', 'codecs', 'client'].find((room) => rooms[room].has(id))
}

const bundle = await rolldown({
  input,
  preserveEntrySignatures: 'allow-extension',
  external: [/^(node|cloudflare):/, /^#/, ...Object.keys(manifest.peerDependencies).map((name) => new RegExp(`^${name}(/|$)`))],
  plugins: [{
    name: 'source-maps-of-tsc',
    load: (id) => (id.startsWith(compiled) ? { code: readFileSync(id, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'), map: readFileSync(`${id}.map`, 'utf8') } : null),
  }],
})
await bundle.write({ dir: dist, entryFileNames: '[name].js', chunkFileNames: 'shared/[name].js', sourcemap: true, codeSplitting: { groups: [{ name: chunkOf, debugName: 'client' }], includeDependenciesRecursively: false } })
chmodSync(join(dist, 'cli/main.node.js'), 0o755)
