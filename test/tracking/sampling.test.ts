import { collect, trackClass, tracker } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive, makeAndDrop, makeAndKeep } from '../support/instances.js'
import { settle } from '../support/settle.js'

describe('while at most `handles` instances live', () => {
  it('every one is followed, and the numbers are exact', async () => {
    const Few = trackClass(class Few {}, { handles: 100 })
    const held = makeAndKeep(60, () => new Few())
    makeAndDrop(40, () => new Few())
    await settle(() => tracker.stats(Few).live === 60)
    held.push(...makeAndKeep(40, () => new Few()))
    expect(tracker.stats(Few)).toMatchObject({
      created: 140,
      live: 100,
      liveStdError: 0,
      collected: 40,
      followed: 100,
      sampleProbability: 1,
    })
    keepAlive(held)
  })
})

describe('beyond `handles` live instances', () => {
  it('the class is sampled and says so; created stays exact', () => {
    const Many = trackClass(class Many {}, { handles: 50 })
    const held = makeAndKeep(5000, () => new Many())
    const stats = tracker.stats(Many)
    expect(stats.created).toBe(5000)
    expect(stats.followed).toBeLessThanOrEqual(50)
    expect(stats.liveStdError).toBeGreaterThan(0)
    expect(stats.sampleProbability).toBeLessThan(1 / 32)
    expect(Math.log2(stats.sampleProbability) % 1).toBe(-0)
    expect(tracker.liveInstances(Many)).toHaveLength(stats.followed)
    expect(stats.collected).toBe(Math.max(0, 5000 - stats.live))
    keepAlive(held)
  })
})

describe('beyond the default handles', () => {
  it('so many are followed as make an error of a hundredth, not more', () => {
    const Crowd = trackClass(class Crowd {})
    const held = makeAndKeep(300_000, () => new Crowd())
    const { followed, live, liveStdError } = tracker.stats(Crowd)
    expect(followed).toBeLessThanOrEqual(16_384)
    expect(liveStdError / live).toBeLessThan(0.013)
    expect(Math.abs(live - 300_000)).toBeLessThan(6 * liveStdError)
    keepAlive(held)
  })

  it.each([
    { left: 30_000, sampled: 'whole again', probability: 1 },
    { left: 38_000, sampled: 'as before', probability: 1 / 8 },
  ])('with $left left of 70,000 the class is followed $sampled', ({ left, probability }) => {
    const Ebb = trackClass(class Ebb {})
    const held = makeAndKeep(70_000, () => new Ebb())
    expect(tracker.stats(Ebb).sampleProbability).toBe(1 / 8)
    held.length = left
    collect()
    for (let i = 0; i < 10; i++) collect('minor')
    expect(tracker.stats(Ebb).sampleProbability).toBe(probability)
    const { followed } = tracker.stats(Ebb)
    held.push(...makeAndKeep(1000, () => new Ebb()))
    // 125 ± 10 of them where it is sampled.
    const newly = tracker.stats(Ebb).followed - followed
    expect(Math.abs(newly - 1000 * probability)).toBeLessThanOrEqual(probability === 1 ? 0 : 70)
    keepAlive(held)
  })

  it('the death of each is still counted once, and its close', async () => {
    const Closed = trackClass(
      class Closed {
        close() {}
      },
      { close: 'close' },
    )
    const held = makeAndKeep(70_000, () => new Closed())
    for (const one of held) one.close()
    const { closed, pendingDeletion, live } = tracker.stats(Closed)
    expect(closed).toBe(70_000)
    expect(pendingDeletion).toBe(live)
    held.length = 0
    await settle(() => tracker.stats(Closed).live === 0)
    expect(tracker.stats(Closed)).toMatchObject({ pendingDeletion: 0, collectedUnclosed: 0 })
    // 1 in 8 was followed: 70,000 ± 700; six standard errors.
    expect(Math.abs(tracker.stats(Closed).lifetimeMs.count - 70_000)).toBeLessThan(4200)
  })
})

describe('after a burst', () => {
  it.each([1, 2, 3, 4])('a class with %i handles is followed whole again', async (handles) => {
    const Tiny = trackClass(class Tiny {}, { handles })
    makeAndDrop(1, () => {
      makeAndKeep(500, () => new Tiny())
    })
    await settle(() => tracker.stats(Tiny).followed === 0)
    for (let i = 0; i < 100; i++) collect('minor')
    expect(tracker.stats(Tiny).sampleProbability).toBe(1)
  })

  it('the class is followed whole again, and never less on the way', async () => {
    const Burst = trackClass(class Burst {}, { handles: 64 })
    makeAndDrop(1, () => {
      makeAndKeep(5000, () => new Burst())
    })
    const during = tracker.stats(Burst).sampleProbability
    expect(during).toBeLessThanOrEqual(1 / 64)
    const seen = new Set([during])
    await settle(() => {
      seen.add(tracker.stats(Burst).sampleProbability)
      return tracker.stats(Burst).live === 0
    })
    for (let i = 0; i < 200; i++) {
      collect('minor')
      seen.add(tracker.stats(Burst).sampleProbability)
    }
    const steps = [...seen]
    expect(steps.at(-1)).toBe(1)
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    const held = makeAndKeep(10, () => new Burst())
    expect(tracker.stats(Burst)).toMatchObject({ created: 5010, live: 10, followed: 10 })
    keepAlive(held)
  })

  it('it stays sampled while its instances live', async () => {
    const Full = trackClass(class Full {}, { handles: 64 })
    const held = makeAndKeep(5000, () => new Full())
    for (let i = 0; i < 100; i++) collect('minor')
    const { sampleProbability, live, liveStdError } = tracker.stats(Full)
    expect(sampleProbability).toBeLessThanOrEqual(1 / 64)
    expect(Math.abs(live - 5000)).toBeLessThan(6 * liveStdError)
    keepAlive(held)
  })
})

describe('sampleRate', () => {
  it('follows that share from the start, rounded down to a power of two', () => {
    const Quarter = trackClass(class Quarter {}, { sampleRate: 0.3 })
    const held = makeAndKeep(10_000, () => new Quarter())
    const { created, sampleProbability, followed, live, liveStdError } = tracker.stats(Quarter)
    expect([created, sampleProbability]).toEqual([10_000, 0.25])
    // 2500 ± 43; six standard errors.
    expect(Math.abs(followed - 2500)).toBeLessThan(260)
    expect(live).toBe(followed * 4)
    expect(Math.abs(liveStdError - 4 * Math.sqrt(2500 * 0.75))).toBeLessThan(20)
    keepAlive(held)
  })

  it('says that its number carries an error even before the first is followed', () => {
    const Rare = trackClass(class Rare {}, { sampleRate: 2 ** -20 })
    const held = makeAndKeep(3, () => new Rare())
    const { live, liveStdError } = tracker.stats(Rare)
    expect([live, liveStdError]).toEqual([0, 3])
    keepAlive(held)
  })

  it('is never exceeded when the class relaxes', async () => {
    const Half = trackClass(class Half {}, { sampleRate: 0.5, handles: 64 })
    makeAndDrop(1, () => {
      makeAndKeep(5000, () => new Half())
    })
    await settle(() => tracker.stats(Half).followed === 0)
    for (let i = 0; i < 200; i++) collect('minor')
    expect(tracker.stats(Half).sampleProbability).toBe(0.5)
  })
})
