// What looking for leaks costs a service, and how soon it sees one.
import { createRequire } from 'node:module'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { serveVariants } from './support/child.mjs'
import { compareServices, serveShop } from './support/shop-service.mjs'

export const name = 'leaks'
export const describe =
  'what a detector and a watcher cost, and after how many snapshots a leak is told'

const classes = 50
const instances = 1000 // of each
const snapshots = 200
const requests = 1000 // in a slice
const slices = 20
const warmUp = 5
/** Sixty times as often as its default, so that it samples within every slice or so. */
const watchedEveryMs = 1000

export async function run(ctx) {
  const counts = await ctx.pairs({
    rounds: 5,
    ours: () => ctx.child(import.meta.url, 'counts'),
    peer: () => ctx.child(import.meta.url, 'census'),
  })
  ctx.row(`a counts snapshot of ${classes} classes with ${instances} instances each`, {
    pairs: counts,
    pick: ({ ms }) => ms,
    unit: 'ms',
    peer: 'a census of the same heap',
    bars: [{ on: 'ours', atMost: 1 }],
  })

  const services = await ctx.repeat(6, () => ctx.child(import.meta.url, 'round'))
  ctx.row(`CPU time of the demo service per request, a watcher every ${watchedEveryMs} ms`, {
    pairs: services,
    pick: ({ cpuUs }) => cpuUs,
    unit: 'µs',
    peer: 'no watcher',
    bars: [{ on: 'difference', notShownAbove: 0 }],
  })
  const { us } = await ctx.child(import.meta.url, 'samples')
  ctx.note(
    `a sample takes ${us.toFixed(1)} µs of CPU time: at the default interval ` +
      `${((us / 60e6) * 1e9).toFixed(1)} billionths of a core`,
  )

  const judged = await ctx.child(import.meta.url, 'verdicts')
  ctx.row('a leak of 1,000 objects a minute, collecting detector every 10 s: told at snapshot', {
    pairs: [{ ours: Number(judged.collecting.leak), peer: 6 }],
    peer: 'the bar',
    bars: [{ on: 'ours', atMost: 6 }],
  })
  for (const [how, { leak, none }] of Object.entries(judged)) {
    ctx.note(`${how} detector: the leak is told at snapshot ${leak}; without it, after 30: ${none}`)
  }
}

const leaksOf = () => createRequire(import.meta.url)('heapscope/leaks')
const core = () => createRequire(import.meta.url)('heapscope')

/** Instances of so many classes, kept. */
function fill() {
  const kept = []
  for (let i = 0; i < classes; i++) {
    const Tracked = core().trackClass(class {}, { name: `Class${i}` })
    for (let k = 0; k < instances; k++) kept.push(new Tracked())
  }
  return kept
}

async function counts() {
  const kept = fill()
  const detector = await leaksOf().LeakDetector.create()
  const times = []
  for (let i = 0; i < snapshots; i++) {
    const from = performance.now()
    await detector.snapshot()
    times.push(performance.now() - from)
    await nextTurn()
  }
  return { ms: times.sort((a, b) => a - b)[snapshots >> 1], kept: kept.length }
}

function census() {
  const kept = fill()
  const from = performance.now()
  core().census()
  return { ms: performance.now() - from, kept: kept.length }
}

function serveWatched() {
  new (leaksOf().MemoryWatcher)({ intervalMs: watchedEveryMs }).start()
  return serveShop({ heapscope: core() })
}

function samples() {
  const watcher = new (leaksOf().MemoryWatcher)()
  const count = 100_000
  const before = process.cpuUsage()
  for (let i = 0; i < count; i++) watcher.sample()
  const { user, system } = process.cpuUsage(before)
  return { us: (user + system) / count }
}

/**
 * Ten seconds of a service's life between two snapshots, without waiting for them: 167 objects stay, fifty
 * times as many come and go.
 */
async function verdicts() {
  const { LeakDetector } = leaksOf()
  class Job {}
  const Tracked = core().trackClass(Job)
  const kept = []
  const judge = async (leaks, collect) => {
    const detector = await LeakDetector.create({ collect })
    for (let taken = 2; taken <= 30; taken++) {
      for (let i = 0; i < 8350; i++) {
        const job = new Tracked()
        if (leaks && i % 50 === 0) kept.push(job)
      }
      await nextTurn()
      await detector.snapshot()
      if (detector.verdict().verdict === 'leak') return taken
    }
    return detector.verdict().verdict
  }
  return {
    collecting: { none: await judge(false, true), leak: await judge(true, true) },
    default: { none: await judge(false, false), leak: await judge(true, false) },
  }
}

await serveVariants(import.meta.url, {
  counts,
  census,
  round: () =>
    compareServices(import.meta.url, {
      ours: 'watched',
      peer: 'plain',
      requests,
      warmUp,
      slices,
    }),
  samples,
  verdicts,
  watched: serveWatched,
  plain: () => serveShop({ heapscope: core() }),
})
