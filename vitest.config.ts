import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

// The tests import the compiled package, as a user's program would, and Node itself loads it:
// what passes here is what is published.
const dist = resolve(__dirname, 'dist')

export default defineConfig({
  // Node 20 knows neither `using` nor decorators: esbuild lowers them in the tests.
  esbuild: { target: 'node20' },
  resolve: {
    alias: [
      { find: /^heapscope$/, replacement: `${dist}/index.js` },
      { find: /^heapscope\/(\w+)$/, replacement: `${dist}/$1/index.js` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // A process a file: the addon's state and the collections of one file stay out of the next.
    pool: 'forks',
    server: { deps: { external: [/\/dist\//] } },
    // A machine may be many times slower than this one: only what hangs is to be ended.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    teardownTimeout: 20_000,
  },
})
