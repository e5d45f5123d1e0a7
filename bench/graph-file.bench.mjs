// From a snapshot file to the table of classes with their retained sizes: 9 million nodes, 670 MB.
import { createReadStream } from 'node:fs'
import { serveVariants } from './support/child.mjs'
import { megabytes, shopSnapshot } from './support/graph-files.mjs'
import { requirePeer } from './support/peers.mjs'

export const name = 'graph-file'
export const describe =
  "a large snapshot file to its class table, against DevTools' engine and memlab"

const orders = Number(process.env.BENCH_ORDERS ?? 640_000)
const peerFlags = ['--max-old-space-size=12000']

export async function run(ctx) {
  const file = shopSnapshot(orders)
  const measure = (variant, nodeFlags = []) =>
    ctx.child(import.meta.url, variant, { nodeFlags, timeoutMs: 600_000, env: { SNAPSHOT: file } })
  const against = (peer) =>
    ctx.pairs({ ours: () => measure('ours'), peer: () => measure(peer, peerFlags), rounds: 3 })

  const toolkit = await against('toolkit')
  const memlab = await against('memlab')
  const seconds = { pick: (result) => result.seconds, unit: 's' }
  const peak = { pick: (result) => result.peakBytes / 1e6, unit: 'MB' }
  const eighth = [{ on: 'ratio', atMost: 1 / 8 }]
  const twelfth = [{ on: 'ratio', atMost: 1 / 12 }]
  const third = [{ on: 'ratio', atMost: 1 / 3 }]
  const [devtools, lab] = ['heap-snapshot-toolkit', 'memlab']
  ctx.row('time', { pairs: toolkit, ...seconds, peer: devtools, bars: eighth })
  ctx.row('time', { pairs: memlab, ...seconds, peer: lab, bars: twelfth })
  ctx.row('peak memory', { pairs: toolkit, ...peak, peer: devtools, bars: third })
  ctx.row('peak memory', { pairs: memlab, ...peak, peer: lab, bars: third })
  const { nodes, edges } = toolkit[0].ours
  const size = Math.round(megabytes(file))
  ctx.note(`the file: ${size} MB, ${nodes} nodes, ${edges} edges; peak memory is the process's`)
}

async function measured(work) {
  const start = performance.now()
  const result = await work(process.env.SNAPSHOT)
  const seconds = (performance.now() - start) / 1000
  return { seconds, peakBytes: process.resourceUsage().maxRSS * 1024, ...result }
}

await serveVariants(import.meta.url, {
  async ours() {
    const { readHeapSnapshot } = await import('../dist/index.mjs')
    return measured(async (file) => {
      const graph = await readHeapSnapshot(file)
      const rows = graph.classes()
      const { nodes, edges } = graph.info
      return { classes: rows.length, nodes, edges }
    })
  },
  async toolkit() {
    const { parse } = await import('heap-snapshot-toolkit')
    return measured(async (file) => {
      const snapshot = await parse(createReadStream(file, 'utf8'))
      return { classes: Object.keys(snapshot.aggregatesWithFilter(/** @type {any} */ ({}))).length }
    })
  },
  async memlab() {
    const load = requirePeer('@memlab/heap-analysis', '2.0.5')
    const { getFullHeapFromFile } = load('@memlab/heap-analysis')
    return measured(async (file) => {
      // Its console draws on the standard output, which is ours for the result.
      const write = process.stdout.write
      process.stdout.write = () => true
      const heap = await getFullHeapFromFile(file)
      const classes = new Map()
      heap.nodes.forEach(({ type, name, self_size, retainedSize }) => {
        const key = type === 'object' || type === 'native' ? name : type
        const row = classes.get(key) ?? { count: 0, shallow: 0, retained: 0 }
        row.count++
        row.shallow += self_size
        // The sum counts an instance within another twice: memlab offers no better.
        row.retained += retainedSize
        classes.set(key, row)
      })
      process.stdout.write = write
      return { classes: classes.size }
    })
  },
})
