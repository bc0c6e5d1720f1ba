import { defineConfig } from 'vitest/config'
import base from './vitest.config.js'

// What mutation testing runs for each of thousands of changes: the tests of the two rooms, with few runs of each property.
export default defineConfig({
  resolve: base.resolve!,
  test: { include: ['test/protocol/**/*.test.ts', 'test/codecs/**/*.test.ts'], testTimeout: 20_000, isolate: false, fileParallelism: false },
})
