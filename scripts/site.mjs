// The documentation as a site: the guides of docs/, and a reference made of the comments in src/. `npm run site`, then open .cache/site/pages/index.html
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { toolFolder } from './tool-folder.mjs'

const root = dirname(import.meta.dirname)
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

// TypeDoc reads types through the API of TypeScript 6, which version 7 does not have: it gets a folder, and a compiler, of its own.
const directory = toolFolder('site', 'typedoc@0.28', 'typescript@6')
const out = join(directory, 'pages')
const { Application } = await import(pathToFileURL(join(directory, 'node_modules/typedoc/dist/index.js')).href)

const first = ['start', 'connecting', 'tls-and-authentication', 'statements', 'types', 'paging', 'policies', 'failures', 'errors', 'cluster', 'runtimes', 'orm', 'migrations', 'streaming', 'resilience', 'coordination', 'embedded-server', 'shell', 'moving-from-cassandra-driver']
const guides = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => name.slice(0, -3))
const ordered = [...first, ...guides.filter((name) => !first.includes(name))]

/** Source of each entry, and the name that users import it by. */
const entries = Object.entries(manifest.exports).flatMap(([name, target]) => (typeof target === 'string' ? [] : [[target.default.replace('./dist/', 'src/').replace(/\.js$/, ''), `cqlwire${name.slice(1)}`]]))
const names = new Map(entries.map(([source, name]) => [source.replace(/\/index$/, ''), name]))
const app = await Application.bootstrap({
  name: 'cqlwire', tsconfig: join(root, 'tsconfig.json'), readme: join(root, 'README.md'), out, basePath: root, includeVersion: true, customCss: join(import.meta.dirname, 'site.css'),
  entryPoints: entries.map(([source]) => join(root, `${source}.ts`)),
  projectDocuments: ordered.map((name) => join(root, 'docs', `${name}.md`)),
  disableSources: true, excludePrivate: true, excludeInternal: true, sort: ['source-order'], sortEntryPoints: false, navigation: { includeCategories: false, includeGroups: false, includeFolders: false },
  validation: { notExported: false, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: ['Class', 'Interface', 'Function', 'Variable', 'TypeAlias', 'Enum'],
  treatWarningsAsErrors: true,
})
const project = await app.convert()
if (!project) process.exit(1)
for (const module of project.children) module.name = names.get(module.name) ?? module.name
for (const document of project.documents) document.name = /^# (.*)/m.exec(readFileSync(join(root, `${document.name}.md`), 'utf8'))[1]
app.validate(project)
await app.generateOutputs(project)
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1)
console.log(`${readdirSync(out, { recursive: true }).filter((file) => file.endsWith('.html')).length} pages in ${out}`)
