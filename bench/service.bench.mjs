// What a service notices of heapscope: promise 1, "always on".
import { createRequire } from 'node:module'
import { serveVariants } from './support/child.mjs'
import { compareServices, serveShop } from './support/shop-service.mjs'

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

function serveWatched() {
  const heapscope = createRequire(import.meta.url)('heapscope')
  heapscope.monitorGc().onGc(() => {})
  heapscope.tracker.onUnclosed(() => {})
  return serveShop({ heapscope })
}

await serveVariants(import.meta.url, {
  round: () =>
    compareServices(import.meta.url, { ours: 'on', peer: 'off', requests, warmUp, slices }),
  // With CONTROL=1 both sides are off: what the ratio is worth.
  on: () => (process.env.CONTROL ? serveShop() : serveWatched()),
  off: () => serveShop(),
})
