/** How a figure moved over a series of snapshots. */
export interface Growth {
  /** Last minus first. */
  total: number
  /** The typical step from one snapshot to the next. */
  perPeriod: number
  /** In so many of the steps it rose. */
  rises: number
  /** Its newest step is at least half the typical one: what has just filled up stands still. */
  goesOn: boolean
}

/** A series may fall back by so much of what it rose and still count as growing. */
const mostFallen = 0.1
/** It must rise in so many of its steps. */
const leastRising = 0.8
const leastStepping = 0.6
/** And its later steps, as its newest one, must be at least so much of its typical one: what fills up slows down. */
const leastKept = 1 / 2
const leastKeptStepping = 1 / 3

/**
 * Steady growth: up in nearly every step, hardly ever down, and no slower in the later half than
 * before. null for everything else: a jump, a sawtooth, a burst, a cache that reaches its limit.
 */
export function steadyGrowth(values: readonly number[]): Growth | null {
  return growth(values, leastRising, leastKept, median)
}

/**
 * The same for a figure that stands still in between: the size of a container, which V8 makes half as
 * large again when it is full. Its mean step is what is typical of it.
 */
export function steppedGrowth(values: readonly number[]): Growth | null {
  return growth(values, leastStepping, leastKeptStepping, mean)
}

function growth(
  values: readonly number[],
  least: number,
  kept: number,
  typical: (steps: readonly number[]) => number,
): Growth | null {
  const steps = values.slice(1).map((value, i) => value - values[i]!)
  const rises = steps.filter((step) => step > 0)
  const risen = sum(rises)
  if (rises.length === 0 || rises.length < least * steps.length) return null
  if (risen - sum(steps) > mostFallen * risen) return null
  const perPeriod = typical(steps)
  const later = typical(steps.slice(Math.floor(steps.length / 2)))
  if (perPeriod <= 0 || later < kept * perPeriod) return null
  return {
    total: values.at(-1)! - values[0]!,
    perPeriod,
    rises: rises.length,
    goesOn: steps.at(-1)! >= leastKept * perPeriod,
  }
}

/** Theil and Sen's: the median of the slopes between all pairs, which outliers do not move. */
export function slope(values: readonly number[]): number {
  const slopes = values.flatMap((value, i) =>
    values.slice(i + 1).map((later, j) => (later - value) / (j + 1)),
  )
  return slopes.length === 0 ? 0 : median(slopes)
}

/** `count` of the items, evenly spread, the first and the last among them. */
export function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items]
  if (count === 1) return items.slice(0, 1)
  return Array.from(
    { length: count },
    (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!,
  )
}

/** Of containers, which grow in leaps, the mean is what is typical. */
export function meanStep(values: readonly number[]): number {
  return (values.at(-1)! - values[0]!) / (values.length - 1)
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
