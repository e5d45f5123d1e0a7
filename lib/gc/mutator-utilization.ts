/** A time in which the program stood still. */
export interface Pause {
  startMs: number
  durationMs: number
}

/**
 * Minimum mutator utilisation (Cheng and Blelloch 2001): of all windows of `windowMs` inside the time
 * from `fromMs` to `toMs`, the one in which the program ran least, as a share from 0 to 1; null when
 * not one whole window has passed. Exact over the given pauses.
 *
 * With P(t) the pause inside [t − window, t]: P rises only while t is in a pause and t − window is
 * not, so its maxima are at the ends of pauses, or at the first t there is.
 */
export function minimumUtilization(
  pauses: readonly Pause[],
  windowMs: number,
  fromMs: number,
  toMs: number,
): number | null {
  const firstEnd = fromMs + windowMs
  if (toMs < firstEnd) return null
  const merged = merge(pauses, fromMs, toMs)
  // From here on a window reaches beyond every pause: one of 1e-300 ms would get lost in rounding.
  if (merged.some(([start, end]) => end - start >= windowMs)) return 0
  let worst = pausedBefore(merged, firstEnd)
  let left = 0
  let paused = 0 // by merged[left..i] in full
  for (const [start, end] of merged) {
    paused += end - start
    if (end < firstEnd) continue
    const windowStart = end - windowMs
    while (merged[left]![1] <= windowStart) {
      paused -= merged[left]![1] - merged[left]![0]
      left++
    }
    const before = Math.max(0, windowStart - merged[left]![0])
    worst = Math.max(worst, paused - before)
  }
  return Math.min(1, Math.max(0, 1 - worst / windowMs))
}

/** Disjoint, ascending, cut to the time looked at: kinds of collection nest in one another. */
function merge(pauses: readonly Pause[], fromMs: number, toMs: number): [number, number][] {
  const intervals = pauses
    .map(({ startMs, durationMs }): [number, number] => [
      Math.max(startMs, fromMs),
      Math.min(startMs + durationMs, toMs),
    ])
    .filter(([start, end]) => end > start)
    .sort(([a], [b]) => a - b)
  const merged: [number, number][] = []
  for (const [start, end] of intervals) {
    const last = merged.at(-1)
    if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else merged.push([start, end])
  }
  return merged
}

function pausedBefore(merged: readonly [number, number][], toMs: number): number {
  let paused = 0
  for (const [start, end] of merged) {
    if (start < toMs) paused += Math.min(end, toMs) - start
  }
  return paused
}
