import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const source = (path: string): string => fileURLToPath(new URL(`src/${path}`, import.meta.url))

// Tests run on the source: the leaves that package.json chooses per runtime are those of Node here.
const alias = {
  '#platform': source('transport/platform.node.ts'),
  '#timers': source('base/timers.shared.ts'),
  '#jit': source('codecs/generators.jit.ts'),
  '#bytes': source('base/bytes.node.ts'),
}

/** No leaves of Node's own but its sockets. */
const webAlias = {
  '#platform': source('transport/platform.node.ts'),
  '#timers': source('base/timers.shared.ts'),
  '#jit': source('codecs/generators.none.ts'),
  '#bytes': source('base/bytes.web.ts'),
}

/** Tests may use these, and vitest needs some: the source must not see them. */
const withoutNode: Plugin = {
  name: 'without-node',
  enforce: 'post',
  transform: (code, id) => (/\/src\/(?!.*\.node\.ts)/.test(id) ? { code: `const [process, global, Buffer, setImmediate, clearImmediate] = []; ${code}`, map: null } : null),
}

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      { resolve: { alias }, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/integration/**'], testTimeout: 30_000, maxWorkers: '100%' } },
      { resolve: { alias: webAlias }, plugins: [withoutNode], test: { name: 'web', include: ['base', 'client', 'cloud', 'cluster', 'codecs', 'coordination', 'cql', 'migrate', 'orm', 'policies', 'pool', 'protocol', 'resilience', 'server', 'streaming', 'testing'].map((room) => `test/${room}/**/*.test.ts`), exclude: ['test/streaming/flow.test.ts'], // streams of the web that cross contexts end Node 20
        testTimeout: 30_000, pool: 'vmThreads', maxWorkers: '100%', environment: './test/support/web-environment.ts' } },
      { resolve: { alias }, test: { name: 'integration', include: ['test/integration/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false, maxWorkers: 1, retry: 0 } },
    ],
  },
})
