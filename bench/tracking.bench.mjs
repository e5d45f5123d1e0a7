// What it costs to follow instances: promise 1, "always on".
import { createRequire } from 'node:module'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { serveVariants } from './support/child.mjs'

export const name = 'tracking'
export const describe = 'what following instances costs, against FinalizationRegistry'

const million = 1_000_000

export async function run(ctx) {
  const measure = (variant, options) => () => ctx.child(import.meta.url, variant, options)

  const lives = await ctx.pairs({
    rounds: 9,
    ours: measure('lives'),
    peer: measure('livesRegistry'),
  })
  ctx.row('whole life of an object, every one followed', {
    pairs: lives,
    pick: (result) => result.ns,
    unit: 'ns',
    peer: 'FinalizationRegistry that counts and times the same',
    bars: [{ atMost: ctx.nodeMajor >= 26 ? 1 / 2 : 1 / 5 }, { on: 'ours', atMost: 60 }],
  })

  const sampled = await ctx.pairs({ rounds: 9, ours: measure('sampled'), peer: measure('plain') })
  ctx.row('new, class sampled, 1 million live', {
    pairs: sampled,
    pick: (result) => result.ns,
    unit: 'ns',
    peer: 'plain class',
    bars: [{ on: 'difference', atMost: 10 }],
  })

  const nodeFlags = ['--expose-gc']
  const full = await ctx.pairs({
    rounds: 15,
    ours: measure('full', { nodeFlags }),
    peer: measure('fullPlain', { nodeFlags }),
  })
  ctx.row('full collection, 1 million live, default handles', {
    pairs: full,
    pick: (result) => result.ms,
    unit: 'ms',
    peer: 'the same heap untracked',
    bars: [{ atMost: 1.1 }],
  })
}

function heapscope() {
  return createRequire(import.meta.url)('heapscope')
}

/** Each variant has a class of its own, so that its feedback is its own. */
function makeClass() {
  return class Item {
    constructor(index) {
      this.index = index
      this.next = null
    }
  }
}

/**
 * A loop that makes objects of which one in 5,000 survives for a while. Compiled anew for each
 * class: what the optimiser learns of one must not spoil the other.
 */
function makerOf(Item) {
  const source = `return function makeMany(count, kept) {
    for (let i = 0; i < count; i++) {
      const item = new Item(i)
      if (i % 5000 === 0) kept[(i / 5000) % kept.length] = item
    }
  } // ${Math.random()}`
  return new Function('Item', source)(Item)
}

function warmMakerOf(Item) {
  const makeMany = makerOf(Item)
  for (let i = 0; i < 20; i++) makeMany(10_000, new Array(1000))
  return makeMany
}

/**
 * Nanoseconds per object of its whole life: a loop of 5 million and, because a registry calls back
 * only when the event loop turns, the turns after it until nothing more is called back.
 */
async function costOfLives(Item, calledBack = () => 0) {
  const makeMany = warmMakerOf(Item)
  const kept = new Array(1000)
  await nextTurn()
  // Several runs in one: what a registry puts off falls due in a later one.
  const runs = 3
  const start = process.hrtime.bigint()
  for (let run = 0; run < runs; run++) {
    makeMany(5 * million, kept)
    for (let before = -1; before !== calledBack();) {
      before = calledBack()
      await nextTurn()
    }
  }
  return Number(process.hrtime.bigint() - start) / (runs * 5 * million)
}

/** Above the plain class, measured in the same process, before. */
async function costAbovePlain(prepare) {
  const plain = await costOfLives(makeClass())
  // A service has more than one class: what is fast only for the first would be of no use.
  for (let i = 0; i < 3; i++) warmMakerOf(prepare(makeClass()).Item)
  const { Item, calledBack } = prepare(makeClass())
  return { ns: (await costOfLives(Item, calledBack)) - plain }
}

/** Fills a ring of a million, then makes objects that each replace an older one. */
function costOfNew(Item) {
  const ring = new Array(million).fill(null)
  const fill = (count) => {
    for (let i = 0; i < count; i++) ring[i % million] = new Item(i)
  }
  fill(2 * million)
  // Only the construction: the objects made meanwhile die young.
  const makeMany = makerOf(Item)
  const kept = new Array(1000)
  makeMany(million, kept)
  let best = Infinity
  for (let round = 0; round < 5; round++) {
    const start = process.hrtime.bigint()
    makeMany(2 * million, kept)
    best = Math.min(best, Number(process.hrtime.bigint() - start) / (2 * million))
  }
  return { ns: best, live: ring.length }
}

/**
 * Milliseconds of a full collection of a heap with a million of them: of 60 the one that a quarter are
 * shorter than, because what else the machine does only ever adds.
 */
function costOfFullCollection(Item) {
  const live = Array.from({ length: million }, (_, i) => new Item(i))
  for (let i = 0; i < 10; i++) globalThis.gc()
  const times = Array.from({ length: 60 }, () => {
    const start = process.hrtime.bigint()
    globalThis.gc()
    return Number(process.hrtime.bigint() - start) / 1e6
  })
  return { ms: times.sort((a, b) => a - b)[15], live: live.length }
}

await serveVariants(import.meta.url, {
  lives: () =>
    costAbovePlain((cls) => ({ Item: heapscope().trackClass(cls, { handles: 2 * million }) })),
  livesRegistry: () =>
    costAbovePlain((cls) => {
      const counts = { created: 0, collected: 0, lifetimes: new Uint32Array(64) }
      const registry = new FinalizationRegistry((bornMs) => {
        counts.collected++
        counts.lifetimes[Math.ceil(Math.log2(1 + Date.now() - bornMs))]++
      })
      const Item = class extends cls {
        constructor(index) {
          super(index)
          counts.created++
          registry.register(this, Date.now())
        }
      }
      return { Item, calledBack: () => counts.collected }
    }),
  sampled: () => costOfNew(heapscope().trackClass(makeClass())),
  plain: () => costOfNew(makeClass()),
  full: () => costOfFullCollection(heapscope().trackClass(makeClass())),
  fullPlain() {
    heapscope() // a collection goes through its modules, too, tracked or not
    return costOfFullCollection(makeClass())
  },
})
