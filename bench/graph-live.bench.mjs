// What a capture does after V8 has made its snapshot, as a share of that.
import { serveVariants } from './support/child.mjs'
import { fillShop } from './support/shop-heap.mjs'

export const name = 'graph-live'
export const describe = "reading and analysing V8's snapshot of 2 million nodes, against making it"

const orders = Number(process.env.BENCH_ORDERS ?? 145_000)

export async function run(ctx) {
  const pairs = []
  for (let round = 0; round < 5; round++) {
    const result = await ctx.child(import.meta.url, 'capture', {
      nodeFlags: ['--max-old-space-size=4096'],
    })
    pairs.push({ ours: result, peer: result })
  }
  const row = (what, ours, bars) => {
    const numbers = pairs.map((pair) => ({ ours: ours(pair.ours), peer: pair.peer.snapshotMs }))
    ctx.row(what, { pairs: numbers, unit: 'ms', peer: 'TakeHeapSnapshot', bars })
  }
  row('all that follows', (result) => result.totalMs - result.snapshotMs, [
    { on: 'ratio', atMost: 0.25 },
  ])
  row('of that, on the main thread', (result) => result.pauseMs - result.snapshotMs, [])
  const { nodes, edges, memoryBytes } = pairs[0].ours
  const memory = Math.round(memoryBytes / 1e6)
  ctx.note(`${nodes} nodes, ${edges} edges; the graph takes ${memory} MB`)
}

await serveVariants(import.meta.url, {
  async capture() {
    const { captureHeap } = await import('../dist/index.mjs')
    globalThis.shop = fillShop(orders)
    return (await captureHeap({ mode: 'in-process' })).info
  },
})
