import { trackClass, tracker } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive, makeAndDrop, makeAndKeep } from '../support/instances.js'
import { settle } from '../support/settle.js'

// Each repetition is a class of its own, which draws its own random numbers. A bound of five standard
// errors is missed by chance once in a million runs, with skewed ones somewhat more often.
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const standardError = (values: number[]) => {
  const middle = mean(values)
  const squares = values.map((value) => (value - middle) ** 2)
  return Math.sqrt(mean(squares) / (values.length - 1))
}

describe('the estimate of a sampled class', () => {
  it.each([
    { handles: 64, living: 3000, repetitions: 80 },
    { handles: 8, living: 100, repetitions: 150 },
    { handles: 4, living: 40, repetitions: 250 },
  ])('is unbiased: $handles handles, $living live', (given) => {
    const { handles, living, repetitions } = given
    const estimates = makeAndKeep(repetitions, () => {
      const Repeated = trackClass(class Repeated {}, { handles })
      const held = makeAndKeep(living, () => new Repeated())
      const { live, created } = tracker.stats(Repeated)
      expect(created).toBe(living)
      keepAlive(held)
      return live
    })
    expect(Math.abs(mean(estimates) - living)).toBeLessThan(5 * standardError(estimates))
  })

  // The one for which there was no room any more takes the same chance as the others.
  it('is unbiased where a class is thinned out by several steps at once', () => {
    const living = 65
    const estimates = makeAndKeep(1000, () => {
      const cls = class Repeated {}
      const Repeated = trackClass(cls, { handles: 64 })
      const held = makeAndKeep(64, () => new Repeated())
      trackClass(cls, { handles: 4 })
      held.push(new Repeated())
      const { live } = tracker.stats(Repeated)
      keepAlive(held)
      return live
    })
    expect(Math.abs(mean(estimates) - living)).toBeLessThan(5 * standardError(estimates))
  })

  // One estimate in a thousand then makes up for many others, so the sample's own standard error says
  // nothing. Cut at 512, which takes a twentieth off the mean, the deviation of one is about 41.
  it('is near the truth with a single handle', () => {
    const living = 20
    const repetitions = 500
    const estimates = makeAndKeep(repetitions, () => {
      const Repeated = trackClass(class Repeated {}, { handles: 1 })
      const held = makeAndKeep(living, () => new Repeated())
      const { live, created } = tracker.stats(Repeated)
      expect(created).toBe(living)
      keepAlive(held)
      return Math.min(live, 512)
    })
    const standardErrorKnown = 41 / Math.sqrt(repetitions)
    expect(Math.abs(mean(estimates) - living)).toBeLessThan(1 + 5 * standardErrorKnown)
  })

  it('is unbiased, and its standard error covers the truth, after deaths as well', async () => {
    const living = 1000
    const runs = makeAndKeep(400, () => {
      const Repeated = trackClass(class Repeated {}, { handles: 64 })
      const held: object[] = []
      makeAndDrop(3 * living, (i) => {
        const one = new Repeated()
        if (i % 3 === 0) held.push(one)
      })
      return { Repeated, held }
    })
    await settle()
    const estimates = runs.map(({ Repeated }) => tracker.stats(Repeated))
    const values = estimates.map(({ live }) => live)
    expect(Math.abs(mean(values) - living)).toBeLessThan(5 * standardError(values))
    const within = (errors: number) =>
      estimates.filter(({ live, liveStdError }) => Math.abs(live - living) <= errors * liveStdError)
        .length / estimates.length
    // Of a normal distribution 68 and 95 %; a claim half as large would cover 38 and 68 %.
    expect(within(1)).toBeGreaterThan(0.5)
    expect(within(2)).toBeGreaterThan(0.85)
    // Nor does it claim too little: one twice as large would cover 95 % within one.
    expect(within(1)).toBeLessThan(0.88)
    keepAlive(runs)
  })

  it('holds for the closed ones, too, and how many were closed is exact', () => {
    const runs = makeAndKeep(100, () => {
      const Closed = trackClass(
        class Closed {
          close(): void {}
        },
        { handles: 64 },
      )
      const held = makeAndKeep(1000, () => new Closed())
      for (const one of held.slice(0, 600)) one.close()
      const stats = tracker.stats(Closed)
      keepAlive(held)
      return stats
    })
    expect(runs.every(({ closed }) => closed === 600)).toBe(true)
    const pending = runs.map(({ pendingDeletion }) => pendingDeletion)
    expect(Math.abs(mean(pending) - 600)).toBeLessThan(5 * standardError(pending))
    expect(
      runs.every(({ active, live, pendingDeletion }) => active === live - pendingDeletion),
    ).toBe(true)
  })

  it('holds for lifetimes: they stand for as many deaths as there were', async () => {
    const runs = makeAndKeep(100, () => {
      const Short = trackClass(class Short {}, { handles: 64 })
      makeAndKeep(1000, () => new Short())
      return Short
    })
    await settle(() => runs.every((Short) => tracker.stats(Short).followed === 0))
    const deaths = runs.map((Short) => tracker.stats(Short).lifetimeMs.count)
    expect(Math.abs(mean(deaths) - 1000)).toBeLessThan(5 * standardError(deaths))
  })

  it('is right, too, when the sample rate changes while instances live', () => {
    const estimates = makeAndKeep(60, () => {
      const Changed = trackClass(class Changed {})
      const held = makeAndKeep(500, () => new Changed())
      trackClass(Changed, { sampleRate: 1 / 8 })
      held.push(...makeAndKeep(500, () => new Changed()))
      const { live } = tracker.stats(Changed)
      keepAlive(held)
      return live
    })
    expect(Math.abs(mean(estimates) - 1000)).toBeLessThan(5 * standardError(estimates))
  })
})
