import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string): string => fileURLToPath(new URL(`src/${path}`, import.meta.url))

// Tests run on the source: the leaves that package.json chooses per runtime are those of Node here.
const alias = {
  '#platform': source('transport/platform.node.ts'),
  '#timers': source('base/timers.shared.ts'),
  '#jit': source('codecs/generators.jit.ts'),
  '#bytes': source('base/bytes.node.ts'),
}

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      { resolve: { alias }, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/integration/**'], testTimeout: 30_000 } },
      { resolve: { alias }, test: { name: 'integration', include: ['test/integration/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false, maxWorkers: 1, retry: 0 } },
    ],
  },
})
