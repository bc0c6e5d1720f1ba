// The packed package as its users have it: types under TypeScript 5, 6 and 7, bundles by four bundlers for Node, Workers and browsers, and what they weigh. `node scripts/check-consumers.mjs`
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { packInto } from './pack-into.mjs'

const root = dirname(import.meta.dirname)
// Outside the checkout, where nothing of it is found by accident.
const directory = mkdtempSync(join(tmpdir(), 'cqlwire-consumers-'))
const run = (command, args) => execFileSync(command, args, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const write = (name, text) => writeFileSync(join(directory, name), text)
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const compilers = { typescript5: 'npm:typescript@5.9', typescript6: 'npm:typescript@6', typescript7: 'npm:typescript@7' }

/** The most that all of an entry may weigh, minified and gzipped, in units of 1,024 bytes. */
const budgets = { cqlwire: 71, 'cqlwire/protocol': 20, 'cqlwire/codecs': 26, 'cqlwire/resilience': 15, 'cqlwire/cql': 15 }

/** What neither Workers nor browsers have, comments left out. */
const foreign = (code) => code.replaceAll(/^\s*(\*|\/\/|\/\*).*$/gm, '').match(/["'`]node:\w+|\bBuffer\.\w+|\beval\(|\bnew Function\b/g) ?? []

/** By bundler: how it bundles the entry for a set of conditions. */
const bundlers = {
  async esbuild(entry, conditions, outfile) {
    const { build } = await import(join(directory, 'node_modules/esbuild/lib/main.js'))
    await build({ absWorkingDir: directory, entryPoints: [entry], bundle: true, minify: false, format: 'esm', platform: 'neutral', conditions, mainFields: ['module', 'main'], external: ['node:*', 'cloudflare:*'], logLevel: 'error', outfile })
  },
  async rollup(entry, conditions, file) {
    const { rollup } = await import(join(directory, 'node_modules/rollup/dist/es/rollup.js'))
    const { nodeResolve } = await import(join(directory, 'node_modules/@rollup/plugin-node-resolve/dist/es/index.js'))
    const bundle = await rollup({ input: join(directory, entry), plugins: [nodeResolve({ exportConditions: conditions, browser: conditions.includes('browser') })], external: /^(node|cloudflare):/, onwarn: () => {} })
    await bundle.write({ file, format: 'es', inlineDynamicImports: true })
  },
  async webpack(entry, conditions, file) {
    const { default: webpack } = await import(join(directory, 'node_modules/webpack/lib/index.js'))
    const externals = [({ request }, done) => (/^(node|cloudflare):/.test(request) ? done(null, `module ${request}`) : done())]
    const config = { context: directory, entry: `./${entry}`, mode: 'production', optimization: { minimize: false }, target: ['es2022'], experiments: { outputModule: true }, output: { path: dirname(file), filename: file.split('/').at(-1), library: { type: 'module' } }, resolve: { conditionNames: [...conditions, 'import'] }, externals, externalsType: 'module' }
    await new Promise((resolve, reject) => webpack(config, (error, stats) => (error || stats.hasErrors() ? reject(error ?? new Error(stats.toString('errors-only'))) : resolve())))
  },
  async vite(entry, conditions, file) {
    const { build } = await import(join(directory, 'node_modules/vite/dist/node/index.js'))
    await build({ root: directory, logLevel: 'error', configFile: false, resolve: { conditions }, build: { outDir: dirname(file), emptyOutDir: false, minify: false, target: 'es2022', lib: { entry, formats: ['es'], fileName: () => file.split('/').at(-1) }, rollupOptions: { external: /^(node|cloudflare):/ } } })
  },
}

try {
  const tarball = packInto(directory)
  write('package.json', JSON.stringify({ private: true, type: 'module' }))
  const packages = Object.entries(compilers).map(([name, what]) => `${name}@${what}`)
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', `./${tarball}`, ...packages, '@types/node@20', 'esbuild@0.25', 'rollup@4', '@rollup/plugin-node-resolve@16', 'webpack@5', 'vite@7'])
  // Native code that somebody has installed must be left alone by bundlers; what else is optional is not there, and must not be missed.
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', ...['lz4-napi', 'snappy', 'cassandra-driver'].map((name) => `${name}@${manifest.devDependencies[name]}`)])

  write('consumer.ts', `import { Client, SharedData, isCqlError } from 'cqlwire'
import type { ClientOptions } from 'cqlwire'
import { orm, table, text, uuid } from 'cqlwire/orm'
import { CqlServer } from 'cqlwire/server'
import { policy, retry } from 'cqlwire/resilience'
import { keyspaces } from 'cqlwire/keyspaces'
import { FrameDecoder } from 'cqlwire/protocol'

const options: ClientOptions = { contactPoints: ['127.0.0.1'], mode: 'request', shared: new SharedData() }
export async function main(): Promise<void> {
  const server = await CqlServer.start({ port: 0 })
  const client = await Client.connect({ ...options, contactPoints: server.contactPoints })
  const users = table('users', { org: text().partitionKey(), id: uuid().clusteringKey('desc'), email: text().required() })
  const db = orm(client, { users })
  const found = await db.users.find({ org: 'acme' }, { limit: 10 })
  const email: string | undefined = found[0]?.email
  // @ts-expect-error -- the partition key is missing
  db.users.find({ email: 'x' })
  try {
    const { rows } = await client.execute<{ v: number }>('SELECT v FROM t WHERE k = ?', [1])
    const v: number | undefined = rows[0]?.v
    await policy(retry({ attempts: 3 })).run(() => client.execute('SELECT v FROM t'))
    console.log(v, email, keyspaces({ region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }), new FrameDecoder({ from: 'server' }))
  } catch (error) {
    if (isCqlError(error)) console.log(error.code, error.outcome)
  }
}
`)
  for (const compiler of Object.keys(compilers)) {
    for (const [module, moduleResolution] of [['nodenext', 'nodenext'], ['esnext', 'bundler']]) {
      const config = { compilerOptions: { target: 'es2022', lib: ['es2023', 'esnext.disposable'], module, moduleResolution, strict: true, noEmit: true, skipLibCheck: false, exactOptionalPropertyTypes: true, types: ['node'] }, files: ['consumer.ts'] }
      write('tsconfig.json', JSON.stringify(config))
      run(process.execPath, [join('node_modules', compiler, 'bin/tsc'), '-p', '.'])
    }
  }

  write('entry.mjs', `import { Client, SharedData, webSocketTransport } from 'cqlwire'\nexport { Client, SharedData, webSocketTransport }\n`)
  write('optional.mjs', `export * from 'cqlwire/streaming'\nexport * from 'cqlwire/astra'\n`)
  let bundles = 0
  for (const [name, bundle] of Object.entries(bundlers)) {
    for (const conditions of [['node'], ['workerd', 'worker'], ['browser']]) {
      const file = join(directory, 'out', `${name}-${conditions[0]}.mjs`)
      await bundle('entry.mjs', [...conditions, 'default'], file)
      const code = readFileSync(file, 'utf8')
      const found = conditions[0] === 'node' ? [] : foreign(code)
      if (found.length > 0) throw new Error(`${name} for ${conditions[0]}: the bundle has ${[...new Set(found)].join(', ')}`)
      if (conditions[0] !== 'workerd') run(process.execPath, ['--input-type=module', '-e', `const { Client } = await import('${file}'); const client = new Client({ contactPoints: ['127.0.0.1:1'] }); await client.connect().then(() => process.exit(1), (error) => { if (!error.code?.startsWith('CQL_')) throw error })`])
      bundles++
    }
    await bundle('optional.mjs', ['node', 'default'], join(directory, 'out', `${name}-optional.mjs`))
    bundles++
  }
  const { build } = await import(join(directory, 'node_modules/esbuild/lib/main.js'))
  const sizeOf = async (entry, options) => {
    const { outputFiles } = await build({ stdin: { contents: `export * from '${entry}'`, resolveDir: directory }, bundle: true, minify: true, write: false, format: 'esm', ...options })
    return gzipSync(outputFiles[0].contents, { level: 9 }).length / 1024
  }
  console.log(`npm cassandra-driver ${(await sizeOf('cassandra-driver', { platform: 'node', external: ['kerberos'], logLevel: 'error' })).toFixed(1)} KiB`)
  for (const [entry, most] of Object.entries(budgets)) {
    const size = await sizeOf(entry, { platform: 'neutral', conditions: ['workerd'], external: ['cloudflare:*'] })
    console.log(`${entry} ${size.toFixed(1)} KiB of ${most}`)
    if (size > most) throw new Error(`${entry} weighs ${size.toFixed(1)} KiB, minified and gzipped: more than ${most}`)
  }
  console.log(`types hold under TypeScript 5, 6 and 7, both ways of resolving modules; ${bundles} bundles by ${Object.keys(bundlers).join(', ')}`)
} catch (error) {
  console.error(error.stdout || error.stderr || error)
  process.exitCode = 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}
