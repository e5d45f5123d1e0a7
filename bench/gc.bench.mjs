// What it costs to count collections, and whether all of them are counted.
import { createRequire } from 'node:module'
import { PerformanceObserver } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { serveVariants } from './support/child.mjs'

export const name = 'gc'
export const describe = 'counting collections, against a PerformanceObserver and prom-client'

export async function run(ctx) {
  const flags = { nodeFlags: ['--expose-gc'] }
  // Both sides as what they add to the same collections watched by nobody, measured beside them.
  const above = async (variant) => {
    const plain = await ctx.child(import.meta.url, 'nobody', flags)
    const watched = await ctx.child(import.meta.url, variant, flags)
    return { ...watched, addedUs: watched.us - plain.us }
  }
  const costs = await ctx.pairs({
    rounds: 15,
    ours: () => above('monitor'),
    peer: () => above('observer'),
  })
  ctx.row('per collection, as our callbacks time themselves', {
    pairs: costs.map(({ ours, peer }) => ({ ours: ours.ownUs, peer: peer.addedUs })),
    unit: 'µs',
    peer: 'PerformanceObserver, added',
    bars: [{ atMost: 1 / 20 }],
  })
  ctx.row('per collection, added to the whole', {
    pairs: costs.map(({ ours, peer }) => ({ ours: ours.addedUs, peer: peer.addedUs })),
    unit: 'µs',
    peer: 'PerformanceObserver, added',
  })

  const counts = await ctx.pairs({
    rounds: 5,
    ours: async () => ({ share: 1, ...(await ctx.child(import.meta.url, 'counts', flags)) }),
    peer: () => ({}),
  })
  const shares = counts.map(({ ours }) => ({
    ours: ours.heapscope / ours.observer,
    peer: ours.promClient / ours.observer,
  }))
  ctx.row('collections counted of all, 200 ms busy slices', {
    pairs: shares,
    peer: 'prom-client',
    bars: [{ on: 'ours', atLeast: 1 }],
  })
  const [{ ours: first }] = counts
  ctx.note(
    `first round: ${first.observer} collections in the observer's full list, ` +
      `${first.heapscope} counted by heapscope, ${first.promClient} by prom-client`,
  )
}

const require = createRequire(import.meta.url)

/** Microseconds per small collection, ten of them to a turn of the loop. */
async function costPerCollection() {
  const turns = async (count) => {
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < 10; j++) globalThis.gc({ type: 'minor' })
      await nextTurn()
    }
  }
  await turns(100)
  const start = process.hrtime.bigint()
  await turns(1000)
  return Number(process.hrtime.bigint() - start) / 1e3 / 10_000
}

function busyFor(ms) {
  const end = performance.now() + ms
  let kept = []
  while (performance.now() < end) {
    kept.push({ some: 'object', list: [1, 2, 3] })
    if (kept.length > 50_000) kept = []
  }
}

await serveVariants(import.meta.url, {
  nobody: async () => ({ us: await costPerCollection() }),
  async monitor() {
    const monitor = require('heapscope').monitorGc()
    const us = await costPerCollection()
    return { us, ownUs: (monitor.ownCostMs() * 1e3) / monitor.histogram().count }
  },
  async observer() {
    const counts = { collections: 0, ms: 0 }
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        counts.collections++
        counts.ms += entry.duration
      }
    })
    observer.observe({ entryTypes: ['gc'] })
    return { us: await costPerCollection() }
  },
  async counts() {
    const { Registry, collectDefaultMetrics } = require('prom-client')
    const { monitorGc } = require('heapscope')
    const register = new Registry()
    let observed = 0
    const observer = new PerformanceObserver((list) => (observed += list.getEntries().length))
    globalThis.gc() // so that none falls between the three starts
    await nextTurn()
    collectDefaultMetrics({ register })
    observer.observe({ entryTypes: ['gc'] })
    const monitor = monitorGc()
    for (let slice = 0; slice < 15; slice++) {
      busyFor(200)
      await nextTurn()
    }
    const heapscope = monitor.histogram().count
    await new Promise((resolve) => setTimeout(resolve, 50))
    const metric = await register.getSingleMetric('nodejs_gc_duration_seconds').get()
    const counted = /** @type {{ metricName?: string, value: number }[]} */ (metric.values).filter(
      ({ metricName }) => metricName?.endsWith('_count'),
    )
    const promClient = counted.reduce((sum, { value }) => sum + value, 0)
    // What the last turns collect is counted by the observer only.
    return { heapscope, observer: observed - (monitor.histogram().count - heapscope), promClient }
  },
})
