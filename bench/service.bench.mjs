// What a service notices of heapscope: promise 1, "always on".
import autocannon from 'autocannon'
import { createRequire } from 'node:module'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createShop, listen } from '../demo/service.mjs'
import { serveVariants } from './support/child.mjs'
import { alternate } from './support/compare.mjs'

export const name = 'service'
export const describe =
  'requests a second of the demo service, everything on against everything off'

const requests = 2000 // in a slice: a tenth of a second
const slices = 60 // of each side in a round
const warmUp = 15

export async function run(ctx) {
  const rounds = await ctx.repeat(20, () => ctx.child(import.meta.url, 'round'))
  ctx.row('CPU time of the service per request', {
    pairs: rounds,
    pick: (slice) => slice.cpuUs,
    unit: 'µs',
    peer: 'everything off',
  })
  ctx.row('requests a second', {
    pairs: rounds,
    pick: (slice) => slice.perSecond,
    peer: 'everything off',
    bars: [{ atLeast: 0.99 }],
  })
}

/**
 * A fresh process of each kind, then slices of load for one and for the other: what the machine
 * gives changes from second to second, what a process's optimised code is worth from start to start.
 */
async function round() {
  const services = { ours: await start('on'), peer: await start('off') }
  await alternate({
    rounds: warmUp,
    ours: () => services.ours.slice(),
    peer: () => services.peer.slice(),
  })
  const pairs = await alternate({
    rounds: slices,
    ours: () => services.ours.slice(),
    peer: () => services.peer.slice(),
  })
  for (const service of Object.values(services)) service.stop()
  const sum = (side) => {
    const total = (key) => pairs.reduce((sum, pair) => sum + pair[side][key], 0)
    const served = requests * slices
    return { perSecond: served / total('seconds'), cpuUs: total('cpuUs') / served }
  }
  return { ours: sum('ours'), peer: sum('peer') }
}

async function start(variant) {
  const child = fork(fileURLToPath(import.meta.url), ['--variant', variant], { silent: true })
  const [{ port }] = await once(child, 'message')
  const cpuUs = async () => {
    child.send('cpu')
    return (await once(child, 'message'))[0].cpuUs
  }
  return {
    async slice() {
      const before = await cpuUs()
      return { seconds: await load(port), cpuUs: (await cpuUs()) - before }
    },
    stop: () => child.kill(),
  }
}

/** Seconds from the first request to the last response: autocannon looks only every `sampleInt` ms. */
async function load(port) {
  const url = `http://127.0.0.1:${port}`
  const from = performance.now()
  let to = from
  await new Promise((resolve, reject) => {
    const done = (error, result) =>
      error || result.errors || result.non2xx
        ? reject(error ?? new Error(`${result.errors} errors, ${result.non2xx} refused`))
        : resolve()
    const customers = autocannon({ url, connections: 20, amount: requests, sampleInt: 10 }, done)
    customers.on('response', () => (to = performance.now()))
  })
  return (to - from) / 1000
}

async function serve(heapscope) {
  const monitor = heapscope?.monitorGc()
  monitor?.onGc(() => {})
  heapscope?.tracker.onUnclosed(() => {})
  const { server } = createShop({ heapscope })
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send({ cpuUs: user + system })
  })
  process.on('disconnect', () => process.exit())
  process.send({ port: await listen(server) })
  await once(server, 'close')
}

await serveVariants(import.meta.url, {
  round,
  // With CONTROL=1 both sides are off: what the ratio is worth.
  on: () => serve(process.env.CONTROL ? undefined : createRequire(import.meta.url)('heapscope')),
  off: () => serve(undefined),
})
