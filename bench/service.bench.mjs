// What a service notices of heapscope: promise 1, "always on".
import { createRequire } from 'node:module'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createShop, listen } from '../demo/service.mjs'
import { serveVariants } from './support/child.mjs'

export const name = 'service'
export const describe =
  'requests a second of the demo service, everything on against everything off'

const seconds = 3

export async function run(ctx) {
  const pairs = await ctx.pairs({
    rounds: 30,
    ours: () => ctx.child(import.meta.url, 'on'),
    peer: () => ctx.child(import.meta.url, 'off'),
  })
  ctx.row('CPU time of the service per request', {
    pairs,
    pick: (result) => result.cpuUs,
    unit: 'µs',
    peer: 'everything off',
  })
  ctx.row('requests a second', {
    pairs,
    pick: (result) => result.perSecond,
    peer: 'everything off',
    bars: [{ atLeast: 0.99 }],
  })
}

async function serve(heapscope) {
  const monitor = heapscope?.monitorGc()
  monitor?.onGc(() => {})
  heapscope?.tracker.onUnclosed(() => {})
  const { server } = createShop({ heapscope })
  const port = await listen(server)
  await load(port, 1)
  const before = process.cpuUsage()
  const { requests, perSecond } = await load(port, seconds)
  const { user, system } = process.cpuUsage(before)
  server.close()
  server.closeAllConnections()
  return { perSecond, cpuUs: (user + system) / requests }
}

async function load(port, duration) {
  const file = fileURLToPath(new URL('../demo/load.mjs', import.meta.url))
  const [result] = await once(fork(file, [port, duration]), 'message')
  return result
}

await serveVariants(import.meta.url, {
  on: () => serve(createRequire(import.meta.url)('heapscope')),
  off: () => serve(undefined),
})
