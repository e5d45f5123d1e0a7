import { collect, trackClass, tracker } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive, makeAndDrop, makeAndKeep } from '../support/instances.js'
import { settle } from '../support/settle.js'

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
/** The clock of births and deaths is a coarse one, and timers may fire a millisecond early. */
const coarseMs = 20

describe('statistics of all classes', () => {
  it('T18: three classes with five instances, one of them closed', () => {
    const held: object[] = []
    expect(tracker.globalStats()).toEqual({
      totalClasses: 0,
      totalInstances: 0,
      activeInstances: 0,
      unclosedDropped: 0,
      classes: [],
    })
    const One = trackClass(class One {})
    const Two = trackClass(class Two {})
    const Three = trackClass(
      class Three {
        close(): void {}
      },
    )
    const closed = new Three()
    held.push(new One(), new Two(), new Two(), new Two(), closed)
    closed.close()
    const stats = tracker.globalStats()
    expect(stats).toMatchObject({ totalClasses: 3, totalInstances: 5, activeInstances: 4 })
    expect(stats.classes).toHaveLength(3)
    expect(stats.classes.map(({ className }) => className)[0]).toBe('Two')
    expect(tracker.allStats().map(({ live }) => live)).toEqual([3, 1, 1])
    keepAlive(held)
  })

  it('can be sent as JSON', () => {
    const stats = tracker.globalStats()
    const sent = JSON.parse(JSON.stringify(stats)) as typeof stats
    expect({ ...sent, classes: sent.classes.map((row) => ({ ...row, oldestMs: 0 })) }).toEqual({
      ...stats,
      classes: stats.classes.map((row) => ({ ...row, oldestMs: 0 })),
    })
  })

  it('are copies: they do not change any more', () => {
    const Copied = trackClass(class Copied {})
    const before = tracker.stats(Copied)
    const held = new Copied()
    expect(before.created).toBe(0)
    expect(tracker.stats(Copied).created).toBe(1)
    keepAlive(held)
  })
})

describe('lifetimes', () => {
  it('are a histogram of those that died', async () => {
    const Mortal = trackClass(class Mortal {})
    expect(tracker.stats(Mortal).lifetimeMs).toMatchObject({ count: 0, min: 0, max: 0 })
    const held = makeAndKeep(5, () => new Mortal())
    makeAndDrop(100, () => new Mortal())
    await settle(() => tracker.stats(Mortal).live === 5)
    const { lifetimeMs } = tracker.stats(Mortal)
    expect(lifetimeMs.count).toBe(100)
    const { min, p50, p90, p99, max, mean } = lifetimeMs
    expect([...[min, p50, p90, p99, max]].sort((a, b) => a - b)).toEqual([min, p50, p90, p99, max])
    expect(mean).toBeGreaterThanOrEqual(min)
    expect(mean).toBeLessThanOrEqual(max)
    keepAlive(held)
  })

  it('last from creation to the collection that found the instance dead', async () => {
    const Mortal = trackClass(class Mortal {})
    const held: object[] = []
    const from = performance.now()
    makeAndDrop(1, () => held.push(new Mortal()))
    const born = performance.now()
    await wait(120)
    const heldFor = performance.now() - born
    held.length = 0
    await settle(() => tracker.stats(Mortal).live === 0)
    const untilSeen = performance.now() - from
    const { count, min, max } = tracker.stats(Mortal).lifetimeMs
    expect([count, min]).toEqual([1, max])
    expect(max).toBeGreaterThanOrEqual(heldFor - coarseMs)
    expect(max).toBeLessThanOrEqual(untilSeen + coarseMs)
  })

  it('do not grow while nobody looks', async () => {
    const Mortal = trackClass(class Mortal {})
    makeAndDrop(1, () => new Mortal())
    const from = performance.now()
    await settle()
    const untilCollected = performance.now() - from
    await wait(150)
    expect(tracker.stats(Mortal).lifetimeMs.max).toBeLessThanOrEqual(untilCollected + coarseMs)
  })
})

describe('the oldest live instance', () => {
  it('is as old as it is, and another is the oldest once it died', async () => {
    const Aged = trackClass(class Aged {})
    expect(tracker.stats(Aged).oldestMs).toBeNull()
    const old: object[] = []
    const from = performance.now()
    makeAndDrop(1, () => old.push(new Aged()))
    const born = performance.now()
    await wait(150)
    const betweenBoth = performance.now()
    const young = new Aged()
    const { oldestMs } = tracker.stats(Aged)
    expect(oldestMs).toBeGreaterThanOrEqual(betweenBoth - born - coarseMs)
    expect(oldestMs).toBeLessThanOrEqual(performance.now() - from + coarseMs)
    old.length = 0
    await settle(() => tracker.stats(Aged).live === 1)
    const { oldestMs: next } = tracker.stats(Aged)
    expect(next).toBeLessThanOrEqual(performance.now() - betweenBoth + coarseMs)
    keepAlive(young)
  })

  it('is none when all died', async () => {
    const Aged = trackClass(class Aged {})
    makeAndDrop(3, () => new Aged())
    expect(tracker.stats(Aged).oldestMs).toBeGreaterThanOrEqual(0)
    await settle(() => tracker.stats(Aged).live === 0)
    expect(tracker.stats(Aged).oldestMs).toBeNull()
  })
})

describe('collect', () => {
  it('tells how many followed instances died in it', async () => {
    const Dying = trackClass(class Dying {})
    await settle()
    const held = makeAndKeep(25, () => new Dying())
    expect(collect().trackedCollected).toBe(0)
    held.length = 0
    let told = 0
    await settle(() => {
      told += collect().trackedCollected
      return tracker.stats(Dying).live === 0
    })
    expect(told).toBe(25)
  })
})
