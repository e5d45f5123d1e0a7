// What weak references cost, against the language's own.
import { createRequire } from 'node:module'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { serveVariants } from './support/child.mjs'

export const name = 'weakref'
export const describe = 'what weak references cost, against WeakRef and FinalizationRegistry'

const million = 1_000_000
const nodeFlags = ['--expose-gc']

export async function run(ctx) {
  const measure = (variant) => () => ctx.child(import.meta.url, variant, { nodeFlags })

  const lives = await ctx.pairs({
    rounds: 9,
    ours: measure('lives'),
    peer: measure('livesRegistry'),
  })
  ctx.row('ref with callback, its whole life, the last 1,000 kept', {
    pairs: lives,
    pick: ({ dropped }) => dropped,
    unit: 'ns',
    peer: 'WeakRef and FinalizationRegistry',
    bars: [{ atMost: 1 / 2 }],
  })
  ctx.row('the same, all kept until they are called back', {
    pairs: lives,
    pick: ({ told }) => told,
    unit: 'ns',
    peer: 'WeakRef and FinalizationRegistry',
    bars: [{ atMost: 1 / 2 }],
  })

  const maps = await ctx.pairs({ rounds: 9, ours: measure('map'), peer: measure('mapOfRefs') })
  const peer = 'Map<K, WeakRef> with a registry'
  ctx.row('WeakValueMap: set of a new key', {
    pairs: maps,
    pick: ({ set }) => set,
    unit: 'ns',
    peer,
    bars: [{ atMost: 1 / 2 }],
  })
  ctx.row('WeakValueMap: set of a key that is there', {
    pairs: maps,
    pick: ({ replace }) => replace,
    unit: 'ns',
    peer,
    bars: [{ atMost: 1 / 2 }],
  })
  ctx.row('WeakValueMap: get of a live value', {
    pairs: maps,
    pick: ({ get }) => get,
    unit: 'ns',
    peer,
    bars: [{ atMost: 1 }],
  })

  const churn = await ctx.pairs({ rounds: 3, ours: measure('churn'), peer: measure('churnOfRefs') })
  ctx.row('WeakValueMap: growth after a million keys with short-lived values', {
    pairs: churn,
    pick: ({ grownMb }) => grownMb,
    unit: 'MB',
    peer,
    bars: [{ on: 'ours', atMost: 5 }],
  })
  const left = Math.max(...churn.map(({ ours }) => ours.left))
  ctx.note(`entries left in our books afterwards: ${left}`)
}

const weakref = () => createRequire(import.meta.url)('heapscope/weakref')

/** Nanoseconds of CPU time, the collector's threads included. */
async function cpuNs(work) {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) * 1000
}

/**
 * Nanoseconds for each object, of which 10,000 are made in each turn of the loop and die young. The
 * last references are kept: many outlive their targets, few are mostly dropped with them. Goes on
 * until nothing more is called back, because a registry puts off what it costs.
 */
async function costOfLives(makeRef, calledBack, kept) {
  const lives = 3 * million
  const ring = new Array(kept).fill(null)
  const turn = new Function(
    'makeRef',
    'ring',
    `return (from, count) => {
      for (let i = from; i < from + count; i++) ring[i % ring.length] = makeRef({ i, next: null })
    } // ${Math.random()}`,
  )(makeRef, ring)
  let made = 0
  const live = async (count) => {
    for (const end = made + count; made < end; made += 10_000) {
      turn(made, 10_000)
      await nextTurn()
    }
    for (let before = -1; before !== calledBack();) {
      before = calledBack()
      globalThis.gc()
      await nextTurn()
    }
  }
  await live(million) // warm
  return (await cpuNs(() => live(lives))) / lives
}

async function costAbovePlain(makeRef, calledBack) {
  const cost = async (kept) => {
    const plain = await costOfLives(
      (target) => ({ target: target.i, callback: null }),
      () => 0,
      kept,
    )
    return (await costOfLives(makeRef, calledBack, kept)) - plain
  }
  return { dropped: await cost(1000), told: await cost(500_000) }
}

/** Nanoseconds of a set and a get, with a million values that live. */
async function costOfMap(makeMap) {
  const values = Array.from({ length: million }, (_, i) => ({ i }))
  const others = Array.from({ length: million }, (_, i) => ({ i }))
  const fill = (map, from) => {
    for (let i = 0; i < million; i++) map.set(i, from[i])
  }
  const read = (map) => {
    let sum = 0
    for (let i = 0; i < million; i++) sum += map.get(i).i
    return sum
  }
  const warm = makeMap()
  for (let i = 0; i < 50_000; i++) warm.set(i, values[i])
  for (let i = 0; i < 500_000; i++) warm.get(i % 50_000)
  await nextTurn()
  const map = makeMap()
  const set = (await cpuNs(() => fill(map, values))) / million
  await nextTurn()
  const replace = (await cpuNs(() => fill(map, others))) / million
  await nextTurn()
  let get = Infinity
  for (let round = 0; round < 5; round++) {
    get = Math.min(get, (await cpuNs(() => read(map))) / million)
    await nextTurn()
  }
  return { set, replace, get, kept: values.length + others.length }
}

/** A million keys, whose values die at once, then what the heap and the books still have of them. */
async function growthOf(map, booksOf) {
  const used = async () => {
    for (let i = 0; i < 5; i++) {
      globalThis.gc()
      await nextTurn()
    }
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const fill = (from, to) => {
    for (let i = from; i < to; i++) map.set(`key ${i}`, { i })
  }
  fill(0, 1000)
  const before = await used()
  fill(1000, million)
  return { grownMb: ((await used()) - before) / 2 ** 20, left: booksOf(map) }
}

/** As it is usually written. */
class MapOfRefs {
  #refs = new Map()
  #registry = new FinalizationRegistry((key) => {
    if (this.#refs.get(key)?.deref() === undefined) this.#refs.delete(key)
  })
  set(key, value) {
    const known = this.#refs.get(key)
    if (known) this.#registry.unregister(known)
    const reference = new WeakRef(value)
    this.#refs.set(key, reference)
    this.#registry.register(value, key, reference)
  }
  get(key) {
    return this.#refs.get(key)?.deref()
  }
  get count() {
    return this.#refs.size
  }
}

await serveVariants(import.meta.url, {
  lives() {
    const { ref } = weakref()
    let called = 0
    const callback = () => void called++
    return costAbovePlain(
      (target) => ref(target, callback),
      () => called,
    )
  },
  livesRegistry() {
    let called = 0
    const registry = new FinalizationRegistry(() => void called++)
    return costAbovePlain(
      (target) => {
        const reference = new WeakRef(target)
        registry.register(target, reference)
        return reference
      },
      () => called,
    )
  },
  map: () => costOfMap(() => new (weakref().WeakValueMap)()),
  mapOfRefs: () => costOfMap(() => new MapOfRefs()),
  churn: () => growthOf(new (weakref().WeakValueMap)(), (map) => [...map].length + map.size),
  churnOfRefs: () => growthOf(new MapOfRefs(), (map) => map.count),
})
