interface Pause {
  startMs: number
  durationMs: number
}

/**
 * The least share left to the program by its definition: looks at a window ending at every moment at
 * which anything changes, and at many between, and adds up what is covered piece by piece.
 */
export function bruteForceUtilization(
  pauses: readonly Pause[],
  windowMs: number,
  fromMs: number,
  toMs: number,
): number | null {
  if (toMs < fromMs + windowMs) return null
  const edges = pauses.flatMap(({ startMs, durationMs }) => [startMs, startMs + durationMs])
  const grid = Array.from({ length: 101 }, (_, i) => fromMs + ((toMs - fromMs) * i) / 100)
  const ends = [fromMs + windowMs, ...grid, ...edges, ...edges.map((edge) => edge + windowMs)]
  const shares = ends
    .filter((end) => end >= fromMs + windowMs && end <= toMs)
    .map((end) => 1 - pausedIn(pauses, edges, end - windowMs, end) / windowMs)
  return Math.max(0, Math.min(...shares))
}

function pausedIn(
  pauses: readonly Pause[],
  edges: readonly number[],
  fromMs: number,
  toMs: number,
): number {
  const cuts = [fromMs, ...edges.filter((edge) => edge > fromMs && edge < toMs), toMs]
  cuts.sort((a, b) => a - b)
  let paused = 0
  for (let i = 1; i < cuts.length; i++) {
    const middle = (cuts[i - 1]! + cuts[i]!) / 2
    const covered = pauses.some(
      ({ startMs, durationMs }) => startMs <= middle && middle <= startMs + durationMs,
    )
    if (covered) paused += cuts[i]! - cuts[i - 1]!
  }
  return paused
}
