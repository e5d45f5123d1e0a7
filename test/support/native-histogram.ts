import * as compiled from '../../dist/histogram.js'
import type * as source from '../../lib/histogram.js'

/** With what is internal to the library, which the published types leave out. */
export const { DurationHistogram } = compiled as unknown as typeof source

/** The pause histogram of `native/base/histogram.h`, written a second time: 8 ns to 68 s. */
const unitBits = 3
const subBits = 6
const bucketCount = (36 - unitBits - subBits + 1) * 2 ** subBits

export function bucketOf(ns: number): number {
  const units = Math.floor(ns / 2 ** unitBits)
  const width = units === 0 ? 0 : units.toString(2).length
  const shift = Math.max(0, width - (subBits + 1))
  return Math.min(bucketCount - 1, shift * 2 ** subBits + Math.floor(units / 2 ** shift))
}

/** What the addon hands over after it has recorded `durationsNs`, as the library reads it. */
export function histogramOf(durationsNs: readonly number[]): source.DurationHistogram {
  const counts = new Map<number, number>()
  for (const ns of durationsNs) counts.set(bucketOf(ns), (counts.get(bucketOf(ns)) ?? 0) + 1)
  const total = (of: (ns: number) => number) => durationsNs.reduce((sum, ns) => sum + of(ns), 0)
  const empty = durationsNs.length === 0
  return DurationHistogram.read(
    Float64Array.of(
      unitBits,
      subBits,
      empty ? 0 : Math.min(...durationsNs),
      empty ? 0 : Math.max(...durationsNs),
      total((ns) => ns),
      total((ns) => ns * ns),
      ...[...counts].sort(([a], [b]) => a - b).flat(),
    ),
    1e-6,
  )
}

/** The definition: the smallest of them that `p` percent do not exceed. */
export function nearestRank(durations: readonly number[], p: number): number {
  const sorted = [...durations].sort((a, b) => a - b)
  return sorted[Math.max(1, Math.ceil((p / 100) * sorted.length)) - 1]!
}
