// What a capture leaves behind once its graph is gone: V8 keeps following moved objects after a
// snapshot, and its memory, unless it is told otherwise.
import { serveVariants } from './support/child.mjs'
import { fillShop } from './support/shop-heap.mjs'

export const name = 'graph-after'
export const describe = 'scavenges and memory of a service after a capture, against before'

const orders = Number(process.env.BENCH_ORDERS ?? 50_000)

export async function run(ctx) {
  const pairs = []
  for (let round = 0; round < 7; round++) {
    const { before, after } = await ctx.child(import.meta.url, 'capture')
    pairs.push({ ours: after, peer: before })
  }
  ctx.row('a scavenge, after', {
    pairs,
    pick: ({ scavengeMs }) => scavengeMs,
    unit: 'ms',
    peer: 'before',
    bars: [{ on: 'ratio', atMost: 1.1 }],
  })
  const memory = { pairs, pick: ({ rss }) => rss / 1e6, unit: 'MB', peer: 'before' }
  const { peer } = ctx.row('resident memory, after', memory)
  const row = ctx.rows.pop()
  // 20 % or 40 MB, whichever is more.
  const bar =
    peer.median * 0.2 > 40 ? { on: 'ratio', atMost: 1.2 } : { on: 'difference', atMost: 40 }
  ctx.row(row.what, { ...memory, bars: [bar] })
}

await serveVariants(import.meta.url, {
  async capture() {
    const { captureHeap, collect, monitorGc } = await import('../dist/index.mjs')
    globalThis.shop = fillShop(orders)
    const monitor = monitorGc()
    await serve(monitor, 100) // warm, and with the young generation at its size
    const before = await figures()
    let graph = await captureHeap({ mode: 'in-process' })
    graph[Symbol.dispose]()
    graph = undefined
    const after = await figures()
    return { before, after }

    async function figures() {
      collect()
      const scavengeMs = await serve(monitor, 300)
      return { scavengeMs, rss: process.memoryUsage.rss() }
    }
  },
})

/** Allocates as requests do: most dies young, some lives through a few scavenges. */
async function serve(monitor, scavenges) {
  const { count: from, totalMs: at } = monitor.stats().scavenge
  const recent = new Array(20_000)
  for (let i = 0; ; i++) {
    recent[i % recent.length] = { id: i + 0.5, payload: [i, i + 1, { text: `request ${i}` }] }
    if (i % 50_000 !== 0) continue
    await new Promise((resolve) => setImmediate(resolve))
    const { count, totalMs } = monitor.stats().scavenge
    if (count - from >= scavenges) return (totalMs - at) / (count - from)
  }
}
