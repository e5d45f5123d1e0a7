import { invalidArgument, outOfRange } from './errors.js'

/** A distribution in numbers that fit on a dashboard. Durations in milliseconds; all 0 when empty. */
export interface HistogramSummary {
  count: number
  min: number
  max: number
  mean: number
  stddev: number
  p50: number
  p90: number
  p99: number
  p999: number
}

/**
 * Recorded durations in milliseconds, in HdrHistogram's log-linear buckets. Count, mean and standard
 * deviation are exact; a percentile is at most 0.8 % from the recorded value (from 1 µs upwards).
 * An instance is a copy: it does not change any more.
 */
export class DurationHistogram {
  readonly count: number
  /** Shortest and longest, exact; of a difference of two histograms, within 0.8 %. */
  readonly min: number
  readonly max: number
  readonly #sum: number
  readonly #sumOfSquares: number
  readonly #counts: ReadonlyMap<number, number>
  readonly #layout: Layout

  private constructor(layout: Layout, counts: ReadonlyMap<number, number>, moments: Moments) {
    this.#layout = layout
    this.#counts = counts
    this.#sum = moments.sum
    this.#sumOfSquares = moments.sumOfSquares
    this.count = sumOf(counts.values())
    this.min = this.count === 0 ? 0 : moments.min
    this.max = this.count === 0 ? 0 : moments.max
  }

  /**
   * Reads what `native/bindings/histogram_value.h` wrote, whose unit is `unitMs` milliseconds.
   * @internal
   */
  static read(values: Float64Array, unitMs: number): DurationHistogram {
    const [unitBits = 0, subBits = 0, min = 0, max = 0, sum = 0, sumOfSquares = 0] = values
    const counts = new Map<number, number>()
    for (let i = 6; i < values.length; i += 2) counts.set(values[i]!, values[i + 1]!)
    const moments = {
      min: min * unitMs,
      max: max * unitMs,
      sum: sum * unitMs,
      sumOfSquares: sumOfSquares * unitMs * unitMs,
    }
    return new DurationHistogram({ unitBits, subBits, unitMs }, counts, moments)
  }

  /**
   * What was recorded since `earlier`, an older copy of the same histogram.
   * @internal
   */
  since(earlier: DurationHistogram): DurationHistogram {
    if (earlier.count === 0) return this
    const counts = new Map<number, number>()
    let lowest = Infinity
    let highest = 0
    for (const [bucket, count] of this.#counts) {
      const left = count - (earlier.#counts.get(bucket) ?? 0)
      if (left === 0) continue
      counts.set(bucket, left)
      lowest = Math.min(lowest, bucket)
      highest = Math.max(highest, bucket)
    }
    const minIsNew = this.min < earlier.min
    const maxIsNew = this.max > earlier.max
    const low = middleOf(lowest, this.#layout)
    const high = middleOf(highest, this.#layout)
    return new DurationHistogram(this.#layout, counts, {
      // The middle of the bucket that the other, exact one is in may lie on its wrong side.
      min: minIsNew ? this.min : Math.min(low, maxIsNew ? this.max : high),
      max: maxIsNew ? this.max : Math.max(high, minIsNew ? this.min : low),
      sum: this.#sum - earlier.#sum,
      sumOfSquares: this.#sumOfSquares - earlier.#sumOfSquares,
    })
  }

  /**
   * Several histograms of one layout as one.
   * @internal
   */
  static sum(parts: readonly DurationHistogram[]): DurationHistogram {
    const counts = new Map<number, number>()
    for (const part of parts) {
      for (const [bucket, count] of part.#counts) {
        counts.set(bucket, (counts.get(bucket) ?? 0) + count)
      }
    }
    const filled = parts.filter(({ count }) => count > 0)
    return new DurationHistogram(parts[0]!.#layout, counts, {
      min: Math.min(...filled.map(({ min }) => min)),
      max: Math.max(...filled.map(({ max }) => max)),
      sum: sumOf(filled.map((part) => part.#sum)),
      sumOfSquares: sumOf(filled.map((part) => part.#sumOfSquares)),
    })
  }

  /** All durations added up. */
  get total(): number {
    return this.count === 0 ? 0 : this.#sum
  }

  get mean(): number {
    return this.count === 0 ? 0 : this.#sum / this.count
  }

  get stddev(): number {
    if (this.count === 0) return 0
    return Math.sqrt(Math.max(0, this.#sumOfSquares / this.count - this.mean ** 2))
  }

  /** The smallest recorded duration that `p` percent do not exceed (nearest rank); 0 when empty. */
  percentile(p: number): number {
    if (typeof p !== 'number') throw invalidArgument(`percentile must be a number, not ${typeof p}`)
    if (!(p >= 0 && p <= 100)) throw outOfRange(`percentile must be from 0 to 100, not ${p}`)
    if (this.count === 0) return 0
    const rank = Math.max(1, Math.ceil((p / 100) * this.count))
    if (rank === 1) return this.min
    if (rank === this.count) return this.max
    let seen = 0
    for (const [bucket, count] of this.#ascending()) {
      seen += count
      if (seen >= rank) return this.#clamp(middleOf(bucket, this.#layout))
    }
    return this.max
  }

  /**
   * How many durations are at most each bound, as a Prometheus histogram has it, with `Infinity`
   * for all of them at the end. `boundsMs` must ascend; a duration within 0.8 % of a bound may be
   * counted on its other side.
   */
  buckets(boundsMs: readonly number[]): { leMs: number; count: number }[] {
    const bounds = checkBounds(boundsMs)
    if (bounds.at(-1) !== Infinity) bounds.push(Infinity)
    const rows = bounds.map((leMs) => ({ leMs, count: 0 }))
    for (const [bucket, count] of this.#counts) {
      const value = this.#clamp(middleOf(bucket, this.#layout))
      for (const row of rows) if (value <= row.leMs) row.count += count
    }
    return rows
  }

  toJSON(): HistogramSummary {
    return {
      count: this.count,
      min: this.min,
      max: this.max,
      mean: this.mean,
      stddev: this.stddev,
      p50: this.percentile(50),
      p90: this.percentile(90),
      p99: this.percentile(99),
      p999: this.percentile(99.9),
    }
  }

  #ascending(): [number, number][] {
    return [...this.#counts].sort(([a], [b]) => a - b)
  }

  #clamp(value: number): number {
    return Math.min(this.max, Math.max(this.min, value))
  }
}

function checkBounds(bounds: unknown): number[] {
  if (!Array.isArray(bounds)) throw invalidArgument('buckets takes an array of bounds')
  return bounds.map((bound: unknown, i) => {
    if (typeof bound !== 'number' || Number.isNaN(bound)) {
      throw invalidArgument(`bounds must be numbers, not ${String(bound)}`)
    }
    const before = bounds[i - 1] as number | undefined
    if (before !== undefined && bound <= before) {
      throw outOfRange(`bounds must ascend: ${bound} follows ${before}`)
    }
    return bound
  })
}

interface Layout {
  unitBits: number
  subBits: number
  unitMs: number
}

interface Moments {
  min: number
  max: number
  sum: number
  sumOfSquares: number
}

/** The inverse of `Histogram::BucketOf` in `native/base/histogram.h`. */
function middleOf(bucket: number, { unitBits, subBits, unitMs }: Layout): number {
  const half = 2 ** subBits
  const shift = bucket < 2 * half ? 0 : Math.floor(bucket / half) - 1
  const units = (bucket - shift * half) * 2 ** shift
  return (units + 2 ** shift / 2) * 2 ** unitBits * unitMs
}

function sumOf(values: Iterable<number>): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}
