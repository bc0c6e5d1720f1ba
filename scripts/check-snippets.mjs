// Type-checks every TypeScript example in the documents and in the comments of the source, against the built package.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)
const out = join(root, '.cache/snippets')
rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })

let count = 0
function extract(file, text) {
  for (const [, code] of text.matchAll(/^```ts\n([\s\S]*?)^```/gm)) {
    const name = `${file.replaceAll(/[^a-z0-9]+/gi, '-')}-${++count}.ts`
    writeFileSync(join(out, name), `${code}\nexport {}\n`)
  }
}

const documents = ['README.md', ...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)]
for (const file of documents) extract(file, readFileSync(join(root, file), 'utf8'))
for (const file of readdirSync(join(root, 'src'), { recursive: true }).filter((name) => name.endsWith('.ts'))) {
  const text = readFileSync(join(root, 'src', file), 'utf8')
  for (const [comment] of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) extract(`src/${file}`, comment.replaceAll(/^ *\* ?/gm, ''))
}
writeFileSync(join(out, 'tsconfig.json'), JSON.stringify({
  compilerOptions: { target: 'ES2022', lib: ['ES2023', 'ESNext.Disposable'], module: 'NodeNext', strict: true, noEmit: true, skipLibCheck: true, types: ['node'], exactOptionalPropertyTypes: true },
  include: ['*.ts'],
}))
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
try {
  execFileSync(process.execPath, [tsc, '-p', out], { stdio: ['ignore', 'inherit', 'inherit'] })
  console.log(`${count} examples type-checked`)
} catch {
  process.exit(1)
}
