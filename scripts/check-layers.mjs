// Holds src/ to its layers: which room may import which, and where platform names may stand.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const src = join(dirname(import.meta.dirname), 'src')
const tiers = {
  base: 0, codecs: 1, cql: 1, transport: 1, resilience: 1, protocol: 2, cluster: 2, policies: 3, server: 3, pool: 4, client: 5, streaming: 6, telemetry: 6, coordination: 6, arrow: 6, cloud: 6,
  orm: 7, security: 7, analytics: 7, eventsourcing: 7, cache: 7, timeseries: 7, vector: 7, migrate: 8, realtime: 8, gateway: 8, graphql: 8, admin: 8, testing: 8, cli: 9,
}
/** Files that other rooms may import besides the room's index. */
const doors = new Set(['base/errors.ts', 'protocol/server-errors.ts', 'client/connection-url.ts'])
const isPlatformFile = (file) => /\.(node|workers|deno|bun)\.ts$/.test(file)
/** Type-only imports of a leaf's types, and the leaf itself, are the only ways to a platform file. */
const problems = []

const files = readdirSync(src, { recursive: true }).filter((file) => file.endsWith('.ts'))
const imports = new Map()
for (const file of files) {
  const text = readFileSync(join(src, file), 'utf8')
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const room = file.split('/')[0]
  if (!(room in tiers)) problems.push(`${file}: the room '${room}' has no tier`)
  const edges = []
  for (const [, typeOnly, specifier] of code.matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'/gm)) {
    if (/^(node|cloudflare):/.test(specifier) && !isPlatformFile(file)) problems.push(`${file}: imports ${specifier}; only files named *.node.ts and the like may`)
    if (!specifier.startsWith('.')) continue
    const target = relative(src, resolve(dirname(join(src, file)), specifier)).replace(/\.js$/, '.ts')
    const other = target.split('/')[0]
    if (!typeOnly) edges.push(target)
    if (other === room) continue
    if (tiers[other] >= tiers[room]) problems.push(`${file}: ${room} (tier ${tiers[room]}) imports ${other} (tier ${tiers[other]})`)
    if (target !== `${other}/index.ts` && !doors.has(target)) problems.push(`${file}: imports ${target}, not ${other}/index.ts`)
  }
  imports.set(file, edges)
  if (/\bBuffer\b/.test(code) && room !== 'base' && !isPlatformFile(file)) problems.push(`${file}: names Buffer outside base/ and platform files`)
  if (/\bnew Function\b|\beval\(/.test(code) && !file.endsWith('.jit.ts')) problems.push(`${file}: makes code from text`)
}

// Cycles, by depth-first search.
const state = new Map()
const visit = (file, path) => {
  if (state.get(file) === 'done') return
  if (state.get(file) === 'open') return void problems.push(`cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`)
  state.set(file, 'open')
  for (const target of imports.get(file) ?? []) visit(target, [...path, file])
  state.set(file, 'done')
}
for (const file of files) visit(file, [])

for (const problem of problems) console.error(problem)
console.log(`${files.length} files, ${problems.length} problems with layers`)
process.exit(problems.length > 0 ? 1 : 0)
