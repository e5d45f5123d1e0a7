// A saved graph is mapped, not parsed: opened and its first ten classes read, against reading the
// snapshot file it came from.
import { existsSync } from 'node:fs'
import { serveVariants } from './support/child.mjs'
import { scratchFile, shopSnapshot } from './support/graph-files.mjs'

export const name = 'graph-open'
export const describe = 'opening a saved graph of 9 million nodes, against reading the snapshot'

const orders = Number(process.env.BENCH_ORDERS ?? 640_000)

export async function run(ctx) {
  const env = {
    SNAPSHOT: shopSnapshot(orders),
    GRAPH: scratchFile(`shop-${orders}-${process.version}.heapgraph`),
  }
  await ctx.child(import.meta.url, 'save', { env, timeoutMs: 600_000 })
  const pairs = await ctx.pairs({
    ours: () => ctx.child(import.meta.url, 'open', { env }),
    peer: () => ctx.child(import.meta.url, 'read', { env }),
    rounds: 3,
  })
  ctx.row('to the first ten classes', {
    pairs,
    pick: ({ ms }) => ms,
    unit: 'ms',
    peer: 'readHeapSnapshot',
    bars: [{ on: 'ratio', atMost: 1 / 50 }],
  })
}

async function firstClasses(make) {
  const start = performance.now()
  const graph = await make()
  const rows = graph.classes({ limit: 10 })
  return { ms: performance.now() - start, first: rows[0] }
}

await serveVariants(import.meta.url, {
  async save() {
    const { readHeapSnapshot } = await import('../dist/index.mjs')
    const graph = await readHeapSnapshot(process.env.SNAPSHOT)
    await graph.save(process.env.GRAPH)
    return { saved: existsSync(process.env.GRAPH) }
  },
  async open() {
    const { HeapGraph } = await import('../dist/index.mjs')
    return firstClasses(() => HeapGraph.open(process.env.GRAPH))
  },
  async read() {
    const { readHeapSnapshot } = await import('../dist/index.mjs')
    return firstClasses(() => readHeapSnapshot(process.env.SNAPSHOT))
  },
})
