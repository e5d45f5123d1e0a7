/** One sample. Time in milliseconds since 1970, resident memory in MB of 2^20 bytes. */
export interface MemorySample {
  time: number
  memoryMb: number
}

const hour = 3_600_000

/** MB an hour between the first and the last. */
export function growthRateOf(samples: readonly MemorySample[], minSpanMs: number): number {
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last || last.time - first.time < minSpanMs) return 0
  return (last.memoryMb - first.memoryMb) / ((last.time - first.time) / hour)
}

/** MB an hour by least squares. */
export function trendOf(samples: readonly MemorySample[], minSpanMs: number): number {
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last || last.time - first.time < minSpanMs) return 0
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const hours = samples.map(({ time }) => time / hour)
  const [x, y] = [mean(hours), mean(samples.map(({ memoryMb }) => memoryMb))]
  const covariance = samples.reduce((s, { memoryMb }, i) => s + (hours[i]! - x) * (memoryMb - y), 0)
  return covariance / hours.reduce((s, h) => s + (h - x) ** 2, 0)
}
