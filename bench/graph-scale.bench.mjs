// Whether time and memory grow with the nodes and no faster: synthetic files of 1 to 50 million.
import { serveVariants } from './support/child.mjs'
import { syntheticSnapshot } from './support/graph-files.mjs'

export const name = 'graph-scale'
export const describe = 'files of 1, 5, 25 and 50 million nodes: time and peak memory a node'

const millions = [1, 5, 25, 50]
const largest = Number(process.env.BENCH_LARGEST ?? 50)
const most = 160

export async function run(ctx) {
  const measure = (million) =>
    ctx.child(import.meta.url, 'read', {
      timeoutMs: 900_000,
      env: { SNAPSHOT: syntheticSnapshot(million * 1e6) },
    })
  const sizes = millions.filter((million) => million <= largest)
  for (const million of sizes) {
    const pairs = await ctx.pairs({
      ours: () => measure(million),
      peer: () => measure(1),
      rounds: million > 10 ? 2 : 3,
    })
    const bars = million === millions.at(-1) ? [{ on: 'ratio', atMost: 1.5 }] : []
    const nanoseconds = (result) => (result.seconds / result.nodes) * 1e9
    const time = { pick: nanoseconds, unit: 'ns', peer: '1 million nodes', bars }
    ctx.row(`${million} million nodes: time a node`, { pairs, ...time })
    const memory = pairs.map(({ ours }) => ({ ours: ours.peakBytes / ours.nodes, peer: most }))
    const within = [{ on: 'difference', atMost: 0 }]
    const peak = { pairs: memory, unit: 'bytes', peer: 'the bar', bars: within }
    ctx.row(`${million} million nodes: peak memory a node`, peak)
  }
  ctx.note('peak memory: above that of a Node process with heapscope loaded')
}

await serveVariants(import.meta.url, {
  async read() {
    const { readHeapSnapshot } = await import('../dist/index.mjs')
    const before = process.memoryUsage.rss()
    const start = performance.now()
    const graph = await readHeapSnapshot(process.env.SNAPSHOT)
    graph.classes({ limit: 10 })
    const seconds = (performance.now() - start) / 1000
    const peakBytes = process.resourceUsage().maxRSS * 1024 - before
    return { seconds, peakBytes, nodes: graph.info.nodes }
  },
})
