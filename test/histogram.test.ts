import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bucketOf,
  DurationHistogram,
  histogramOf,
  nearestRank,
} from './support/native-histogram.js'
import { seeded } from './support/property.js'

/** From 1 µs to 60 s, every order of magnitude as likely. */
const duration = fc
  .double({ min: Math.log(1e3), max: Math.log(60e9), noNaN: true })
  .map((logarithm) => Math.round(Math.exp(logarithm)))
const durations = fc.array(duration, { minLength: 1, maxLength: 200 })
const percentile = fc.oneof(
  fc.constantFrom(0, 1, 50, 90, 99, 99.9, 100),
  fc.double({ min: 0, max: 100, noNaN: true }),
)

const relativeError = (value: number, exact: number) => Math.abs(value - exact) / exact
const inMs = (ns: readonly number[]) => ns.map((value) => value / 1e6)

describe('a duration histogram', () => {
  it('gives percentiles within 1 % of the sorted durations, from 1 µs to 60 s', () => {
    fc.assert(
      fc.property(durations, percentile, (ns, p) => {
        const exact = nearestRank(inMs(ns), p)
        expect(relativeError(histogramOf(ns).percentile(p), exact)).toBeLessThan(0.01)
      }),
      seeded,
    )
  })

  it('puts the middle of every bucket within 0.8 % of what is counted in it', () => {
    const powers = Array.from({ length: 26 }, (_, i) => 2 ** (i + 10))
    const borders = powers.flatMap((power) => [power - 1, power, power + 1])
    fc.assert(
      fc.property(fc.oneof(duration, fc.constantFrom(...borders)), (ns) => {
        // Neither the shortest nor the longest, which are kept exactly.
        const middle = histogramOf([1, ns, 2 ** 37]).percentile(50)
        expect(relativeError(middle, ns / 1e6)).toBeLessThanOrEqual(2 ** -7)
      }),
      seeded,
    )
  })

  it('is at most 4 ns off below 1 µs', () => {
    for (let ns = 0; ns < 1000; ns++) {
      const middle = histogramOf([0, ns, 2 ** 36]).percentile(50)
      expect(Math.abs(middle - ns / 1e6)).toBeLessThanOrEqual(4.0000001e-6)
    }
  })

  it('has buckets that ascend with the durations, without a gap', () => {
    const steps = new Set<number>()
    let last = 0
    for (let ns = 1; ns < 2 ** 36; ns = Math.ceil(ns * 1.0005)) {
      steps.add(bucketOf(ns) - last)
      last = bucketOf(ns)
    }
    expect(steps).toEqual(new Set([0, 1]))
  })

  it('counts what is longer than it can tell apart, and knows the longest exactly', () => {
    const histogram = histogramOf([1e6, 200e9, 300e9])
    expect(histogram.count).toBe(3)
    expect(histogram.max).toBe(300_000)
    expect(histogram.percentile(50)).toBeLessThanOrEqual(300_000)
  })

  it('knows count, shortest, longest, total, mean and deviation exactly', () => {
    fc.assert(
      fc.property(durations, (ns) => {
        const raw = inMs(ns)
        const histogram = histogramOf(ns)
        const mean = raw.reduce((sum, value) => sum + value, 0) / raw.length
        const variance = raw.reduce((sum, value) => sum + (value - mean) ** 2, 0) / raw.length
        expect(histogram.count).toBe(raw.length)
        expect(histogram.min).toBeCloseTo(Math.min(...raw), 9)
        expect(histogram.max).toBeCloseTo(Math.max(...raw), 6)
        expect(histogram.total).toBeCloseTo(mean * raw.length, 3)
        expect(histogram.mean).toBeCloseTo(mean, 3)
        expect(Math.abs(histogram.stddev - Math.sqrt(variance))).toBeLessThan(1e-3 + mean * 1e-6)
      }),
      seeded,
    )
  })

  it('never lets a higher percentile be lower, whatever the percentile', () => {
    fc.assert(
      fc.property(durations, fc.tuple(percentile, percentile), (ns, pair) => {
        const [low, high] = [...pair].sort((a, b) => a - b)
        const histogram = histogramOf(ns)
        expect(histogram.percentile(low!)).toBeLessThanOrEqual(histogram.percentile(high!))
      }),
      seeded,
    )
  })

  it('says nothing but zeros while it is empty', () => {
    expect(histogramOf([]).toJSON()).toEqual({
      count: 0,
      min: 0,
      max: 0,
      mean: 0,
      stddev: 0,
      p50: 0,
      p90: 0,
      p99: 0,
      p999: 0,
    })
    expect(histogramOf([]).total).toBe(0)
    expect(
      histogramOf([])
        .buckets([1, 2])
        .map(({ count }) => count),
    ).toEqual([0, 0, 0])
  })

  it('gives the same percentiles in its summary', () => {
    const histogram = histogramOf(Array.from({ length: 500 }, (_, i) => (i + 1) * 1e5))
    expect(JSON.parse(JSON.stringify(histogram))).toEqual({
      count: 500,
      min: histogram.min,
      max: 50,
      mean: histogram.mean,
      stddev: histogram.stddev,
      p50: histogram.percentile(50),
      p90: histogram.percentile(90),
      p99: histogram.percentile(99),
      p999: histogram.percentile(99.9),
    })
  })

  it.each([['50'], [null], [undefined], [{}]])('refuses the percentile %j', (p: any) => {
    expect(() => histogramOf([1e6]).percentile(p)).toThrow(TypeError)
  })

  it.each([-1, 100.1, NaN, Infinity])('refuses the percentile %d', (p) => {
    expect(() => histogramOf([1e6]).percentile(p)).toThrow(RangeError)
    expect(() => histogramOf([]).percentile(p)).toThrow(/from 0 to 100/)
  })
})

describe('the difference of two histograms', () => {
  it('is the histogram of what came between them, within 1 %', () => {
    fc.assert(
      fc.property(durations, durations, percentile, (before, after, p) => {
        const histogram = histogramOf([...before, ...after]).since(histogramOf(before))
        const exact = nearestRank(inMs(after), p)
        expect(histogram.count).toBe(after.length)
        expect(relativeError(histogram.percentile(p), exact)).toBeLessThan(0.01)
        expect(relativeError(histogram.min, Math.min(...after) / 1e6)).toBeLessThan(0.01)
        expect(relativeError(histogram.max, Math.max(...after) / 1e6)).toBeLessThan(0.01)
        const total = after.reduce((sum, ns) => sum + ns, 0) / 1e6
        expect(Math.abs(histogram.total - total)).toBeLessThan(1e-3)
      }),
      seeded,
    )
  })

  it('keeps its shortest at most its longest when both lie in one bucket', () => {
    const near = fc.integer({ min: 10_000_000, max: 10_100_000 })
    const around = fc.array(near, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(around, around, (before, after) => {
        const difference = histogramOf([...before, ...after]).since(histogramOf(before))
        const percentiles = [0, 25, 50, 75, 100].map((p) => difference.percentile(p))
        expect(percentiles).toEqual([...percentiles].sort((a, b) => a - b))
        expect(difference.min).toBeLessThanOrEqual(difference.max)
      }),
      seeded,
    )
  })

  it('is empty when nothing came between them', () => {
    const histogram = histogramOf([1e6, 2e6])
    expect(histogram.since(histogramOf([1e6, 2e6])).toJSON()).toEqual(histogramOf([]).toJSON())
  })
})

describe('several histograms taken together', () => {
  it('are the histogram of all their durations', () => {
    fc.assert(
      fc.property(fc.array(fc.array(duration), { minLength: 1, maxLength: 5 }), (parts) => {
        const whole = histogramOf(parts.flat())
        const sum = DurationHistogram.sum(parts.map(histogramOf))
        expect(sum.count).toBe(whole.count)
        expect(sum.min).toBe(whole.min)
        expect(sum.max).toBe(whole.max)
        expect(sum.total).toBeCloseTo(whole.total, 3)
        expect(sum.percentile(90)).toBe(whole.percentile(90))
      }),
      seeded,
    )
  })
})

describe('the buckets of a histogram', () => {
  it('count the durations up to each bound, give or take those within 0.8 % of it', () => {
    const bounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 100, 1000, 10_000]
    fc.assert(
      fc.property(durations, (ns) => {
        const raw = inMs(ns)
        const upTo = (bound: number) => raw.filter((value) => value <= bound).length
        const rows = histogramOf(ns).buckets(bounds)
        expect(rows.map(({ leMs }) => leMs)).toEqual([...bounds, Infinity])
        expect(rows.at(-1)!.count).toBe(raw.length)
        for (const { leMs, count } of rows) {
          expect(count).toBeGreaterThanOrEqual(upTo(leMs * 0.992))
          expect(count).toBeLessThanOrEqual(upTo(leMs * 1.008))
        }
      }),
      seeded,
    )
  })

  it('end with all of them, once, whether or not that was asked for', () => {
    const histogram = histogramOf([1e6, 3e6])
    expect(histogram.buckets([])).toEqual([{ leMs: Infinity, count: 2 }])
    expect(histogram.buckets([2, Infinity])).toEqual([
      { leMs: 2, count: 1 },
      { leMs: Infinity, count: 2 },
    ])
  })

  it('refuse bounds that do not ascend or are no numbers', () => {
    const histogram = histogramOf([1e6])
    expect(() => histogram.buckets([2, 1])).toThrow(RangeError)
    expect(() => histogram.buckets([1, 1])).toThrow(/must ascend/)
    expect(() => histogram.buckets([NaN])).toThrow(TypeError)
    expect(() => histogram.buckets(['1'] as any)).toThrow(TypeError)
    expect(() => histogram.buckets(5 as any)).toThrow(TypeError)
  })
})
