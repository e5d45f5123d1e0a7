// A twin that thinks on disk, where memory is short: how much less of it, and how much later.
import { serveVariants } from './support/child.mjs'
import { fillShop } from './support/shop-heap.mjs'

export const name = 'twin-spill'
export const describe = 'a capture that spills to disk, against one that takes the memory it likes'

const orders = Number(process.env.BENCH_ORDERS ?? 220_000) // about 3 million nodes
const manyOrders = Number(process.env.BENCH_MANY_ORDERS ?? 700_000) // about 9 million
const timeoutMs = 900_000

export async function run(ctx) {
  const measure = (variant, env) =>
    ctx.child(import.meta.url, variant, {
      nodeFlags: ['--max-old-space-size=8192'],
      env: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)])),
      timeoutMs,
    })
  const pairs = await ctx.repeat(3, async () => {
    const peer = await measure('capture', { ORDERS: orders })
    const ours = await measure('capture', { ORDERS: orders, MAX_MEMORY: peer.peakBytes / 3 })
    return { ours, peer }
  })
  ctx.row('memory that the twin has to itself at most', {
    pairs,
    pick: ({ peakBytes }) => peakBytes / 1e6,
    unit: 'MB',
    peer: 'unspilled',
    bars: [{ atMost: 1 / 3 }],
  })
  ctx.row('from the call to the graph', {
    pairs,
    pick: ({ totalMs }) => totalMs,
    unit: 'ms',
    peer: 'unspilled',
    bars: [{ atMost: 2.5 }],
  })
  const { nodes, spilledBytes } = pairs[0].ours
  ctx.note(`${nodes} nodes; ${Math.round(spilledBytes / 1e6)} MB on disk`)

  const many = await ctx.repeat(1, async () => {
    const peer = await measure('inProcess', { ORDERS: manyOrders })
    const env = { ORDERS: manyOrders, MAX_MEMORY: peer.peakBytes / 4 }
    return { ours: await measure('capture', env), peer, refused: await measure('refused', env) }
  })
  ctx.row('the same of a heap three times as large, with a quarter of the memory', {
    pairs: many,
    pick: ({ peakBytes }) => peakBytes / 1e6,
    unit: 'MB',
    peer: 'in-process',
    bars: [{ atMost: 1 / 4 }],
  })
  const [{ ours, refused }] = many
  ctx.note(
    `${ours.nodes} nodes in ${(ours.totalMs / 1000).toFixed(1)} s, ${ours.turns} turns of the ` +
      `service's loop meanwhile; with spill: 'never' ${refused.code}: ${refused.message}`,
  )
}

const { ORDERS, MAX_MEMORY } = process.env

async function capture(options) {
  const { captureHeap } = await import('../dist/index.mjs')
  globalThis.shop = fillShop(Number(ORDERS))
  let turns = 0
  const service = setInterval(() => turns++, 10)
  try {
    const { info } = await captureHeap({
      ...options,
      ...(MAX_MEMORY ? { maxMemory: Number(MAX_MEMORY) } : {}),
    })
    return { ...info, turns }
  } finally {
    clearInterval(service)
  }
}

await serveVariants(import.meta.url, {
  capture: () => capture({ mode: 'twin' }),
  inProcess: () => capture({ mode: 'in-process' }),
  refused: () =>
    capture({ mode: 'twin', spill: 'never' }).then(
      () => ({ code: 'not refused', message: '' }),
      ({ code, message }) => ({ code, message }),
    ),
})
