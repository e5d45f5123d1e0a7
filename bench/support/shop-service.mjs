// The demo's service as the thing measured: what a service notices of heapscope, under load.
import autocannon from 'autocannon'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createShop, listen } from '../../demo/service.mjs'
import { alternate } from './compare.mjs'

/**
 * A fresh process of each kind, then slices of load for one and for the other: what the machine
 * gives changes from second to second, what a process's optimised code is worth from start to start.
 * Resolves to a pair of `{ perSecond, cpuUs }`, the second for each request.
 *
 * @param {string} url of the benchmark, whose variants `ours` and `peer` call `serveShop`
 * @param {{ ours: string, peer: string, requests: number, warmUp: number, slices: number }} options
 */
export async function compareServices(url, { ours, peer, requests, warmUp, slices }) {
  // Either may be the first to start: that alone is worth some per cent.
  const services = {}
  for (const side of Math.random() < 0.5 ? ['ours', 'peer'] : ['peer', 'ours']) {
    services[side] = await start(url, { ours, peer }[side])
  }
  const sides = {
    ours: () => services.ours.slice(requests),
    peer: () => services.peer.slice(requests),
  }
  await alternate({ rounds: warmUp, ...sides })
  const pairs = await alternate({ rounds: slices, ...sides })
  for (const service of Object.values(services)) service.stop()
  const sum = (side) => {
    const total = (key) => pairs.reduce((sum, pair) => sum + pair[side][key], 0)
    const served = requests * slices
    return { perSecond: served / total('seconds'), cpuUs: total('cpuUs') / served }
  }
  return { ours: sum('ours'), peer: sum('peer') }
}

/**
 * The child's half: serves until its parent is gone, and tells it the CPU time used when asked.
 *
 * @param {{ heapscope?: typeof import('heapscope') }} [options]
 */
export async function serveShop({ heapscope } = {}) {
  const { server } = createShop({ heapscope })
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send({ cpuUs: user + system })
  })
  process.on('disconnect', () => process.exit())
  process.send({ port: await listen(server) })
  await once(server, 'close')
}

async function start(url, variant) {
  const child = fork(fileURLToPath(url), ['--variant', variant], { silent: true })
  const [{ port }] = await once(child, 'message')
  const cpuUs = async () => {
    child.send('cpu')
    return (await once(child, 'message'))[0].cpuUs
  }
  return {
    async slice(requests) {
      const before = await cpuUs()
      return { seconds: await load(port, requests), cpuUs: (await cpuUs()) - before }
    },
    stop: () => child.kill(),
  }
}

/** Seconds from the first request to the last response: autocannon looks only every `sampleInt` ms. */
async function load(port, amount) {
  const url = `http://127.0.0.1:${port}`
  const from = performance.now()
  let to = from
  await new Promise((resolve, reject) => {
    const done = (error, result) =>
      error || result.errors || result.non2xx
        ? reject(error ?? new Error(`${result.errors} errors, ${result.non2xx} refused`))
        : resolve()
    const customers = autocannon({ url, connections: 20, amount, sampleInt: 10 }, done)
    customers.on('response', () => (to = performance.now()))
  })
  return (to - from) / 1000
}
