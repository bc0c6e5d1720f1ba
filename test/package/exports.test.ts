// The names that the package exports: whoever takes one away, or adds one, does it on purpose (npx vitest run test/package -u).
import { expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }

const entries = Object.entries(manifest.exports).flatMap(([name, target]) => (typeof target === 'string' ? [] : [[`cqlwire${name.slice(1)}`, target.default.replace('./dist/', '../../src/')] as const]))

test.each(entries)('%s', async (entry, source) => {
  const module = (await import(source)) as object
  await expect(`${Object.keys(module).sort().join('\n')}\n`).toMatchFileSnapshot(`exports/${entry.replace('/', '.')}.txt`)
})
