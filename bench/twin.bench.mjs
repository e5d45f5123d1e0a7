// Promise 2, "never stops the service": what a capture by a twin costs a service, against V8's own
// snapshot of the same heap.
import { setTimeout as sleep } from 'node:timers/promises'
import v8 from 'node:v8'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bareForkMs } from './support/bare-fork.mjs'
import { serveVariants } from './support/child.mjs'
import { fillShop } from './support/shop-heap.mjs'

export const name = 'twin'
export const describe =
  "a twin's capture of a service of 2 million nodes, against writeHeapSnapshot"

const orders = Number(process.env.BENCH_ORDERS ?? 145_000)

export async function run(ctx) {
  const pairs = []
  await ctx.repeat(5, async () => {
    const options = { nodeFlags: ['--max-old-space-size=4096'] }
    const ours = await ctx.child(import.meta.url, 'twin', options)
    const peer = await ctx.child(import.meta.url, 'writeHeapSnapshot', options)
    pairs.push({ ours, peer, bareMs: bareForkMs(ours.forkedMb) })
    return { ours: ours.stallMs, peer: peer.stallMs }
  })
  const row = (what, pick, peer, options) =>
    ctx.row(what, {
      pairs: pairs.map(({ ours, peer, bareMs }) => pick(ours, peer, bareMs)),
      peer,
      ...options,
    })
  const both = (pick) => (ours, peer) => ({ ours: pick(ours), peer: pick(peer) })
  row(
    'longest stall of the event loop',
    both((one) => one.stallMs),
    'writeHeapSnapshot',
    {
      unit: 'ms',
      bars: [{ on: 'ratio', atMost: 0.01 }],
    },
  )
  // What is left of it to the twin: the service's own rounds and collections stall its loop, too.
  row(
    'the same, a twin at work',
    (ours) => ({ ours: ours.stallMs, peer: ours.usualStallMs }),
    'none, three seconds before',
    { unit: 'ms' },
  )
  row(
    'pause per GB of memory',
    (ours) => ({ ours: ours.pauseMs / ours.gigabytes, peer: 25 }),
    'bar',
    {
      unit: 'ms',
      bars: [{ on: 'ratio', atMost: 1 }],
    },
  )
  row(
    'pause',
    (ours, _, bareMs) => ({ ours: ours.pauseMs, peer: bareMs }),
    'a C program as large that only forks',
    { unit: 'ms' },
  )
  row(
    'rounds of work a second meanwhile',
    (ours) => ({ ours: ours.during, peer: ours.before }),
    'before',
    {
      bars: [{ on: 'ratio', atLeast: 0.85 }],
    },
  )
  row(
    'until it is there',
    both((one) => one.totalMs),
    'writeHeapSnapshot',
    { unit: 'ms' },
  )
  const { nodes, gigabytes, attempts } = pairs[0].ours
  ctx.note(`${nodes} nodes, ${gigabytes.toFixed(2)} GB of memory, ${attempts} attempt`)
}

/** A service: rounds of work of half a millisecond, each a turn of the loop. */
function serve() {
  let rounds = 0
  let longest = 0
  let last = performance.now()
  let held = []
  let going = true
  const round = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    for (let i = 0; i < 2000; i++) held.push({ i, text: [i] })
    if (held.length > 100_000) held = []
    rounds++
    if (going) setImmediate(round)
  }
  round()
  return {
    /** What it did since it was last asked. */
    take() {
      const taken = { rounds, longest }
      rounds = longest = 0
      last = performance.now()
      return taken
    },
    stop: () => (going = false),
  }
}

async function measure(capture) {
  globalThis.shop = fillShop(orders)
  const service = serve()
  await sleep(2000)
  service.take()
  await sleep(3000)
  const before = service.take()
  const start = performance.now()
  const result = await capture()
  const totalMs = performance.now() - start
  await sleep(0)
  const during = service.take()
  service.stop()
  return {
    ...result,
    totalMs,
    stallMs: Math.max(0, during.longest),
    usualStallMs: before.longest,
    before: before.rounds / 3,
    during: (during.rounds / totalMs) * 1000,
  }
}

/** What a fork copies the page tables of: files that are mapped are not. */
function anonymousMegabytes() {
  return (
    Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]) / 1024
  )
}

await serveVariants(import.meta.url, {
  twin: () =>
    measure(async () => {
      const { captureHeap } = await import('../dist/index.mjs')
      const gigabytes = process.memoryUsage.rss() / 1e9
      const forkedMb = anonymousMegabytes()
      const { info } = await captureHeap({ mode: 'twin' })
      const { pauseMs, nodes, attempts } = info
      return { gigabytes, forkedMb, pauseMs, nodes, attempts }
    }),
  writeHeapSnapshot: () =>
    measure(async () => {
      const file = join(tmpdir(), `heapscope-bench-${process.pid}.heapsnapshot`)
      v8.writeHeapSnapshot(file)
      rmSync(file)
      return {}
    }),
})
