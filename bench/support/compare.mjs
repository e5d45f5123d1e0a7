// The statistics of a comparison. Ours and the peer are measured in pairs, one right after the
// other, so that a slow minute of the machine slows both; what is compared is each pair.

/**
 * Alternates `rounds` times, in the order ours, peer, peer, ours, … against drift within a pair.
 *
 * @template T
 * @param {object} options
 * @param {(round: number) => T | Promise<T>} options.ours
 * @param {(round: number) => T | Promise<T>} options.peer
 * @param {number} options.rounds
 * @param {(done: number, of: number) => void} [options.onRound]
 */
export async function alternate({ ours, peer, rounds, onRound }) {
  const pairs = []
  for (let round = 0; round < rounds; round++) {
    const pair = {}
    for (const side of round % 2 === 0 ? ['ours', 'peer'] : ['peer', 'ours']) {
      pair[side] = await (side === 'ours' ? ours(round) : peer(round))
    }
    pairs.push(pair)
    onRound?.(round + 1, rounds)
  }
  return pairs
}

/**
 * Of pairs of numbers: the median of each side, and the medians of the paired ratios (ours / peer)
 * and differences (ours − peer) with 95 % bootstrap intervals.
 */
export function compare(pairs) {
  const ours = pairs.map((pair) => pair.ours)
  const peer = pairs.map((pair) => pair.peer)
  return {
    ours: estimate(ours),
    peer: estimate(peer),
    ratio: estimate(pairs.map((pair) => pair.ours / pair.peer)),
    difference: estimate(pairs.map((pair) => pair.ours - pair.peer)),
  }
}

/** `{ median, low, high }`, the last two bounding the median with the given confidence. */
export function estimate(values, { confidence = 0.95, resamples = 5000 } = {}) {
  const random = seeded(values.length)
  const medians = Array.from({ length: resamples }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)])),
  ).sort((a, b) => a - b)
  const tail = (1 - confidence) / 2
  return {
    median: median(values),
    low: medians[Math.floor(tail * resamples)],
    high: medians[Math.ceil((1 - tail) * resamples) - 1],
  }
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * Holds a bar such as `{ on: 'ratio', atMost: 0.2 }` against a comparison. `certain` says whether
 * the whole interval is on the same side as the median. `{ on: 'difference', notShownAbove: 0 }` asks
 * of the interval that it reaches down to the value: that no cost was measured, by a measurement that
 * would have seen a twentieth of the peer.
 */
export function judge(comparison, { on = 'ratio', notShownAbove, atMost, atLeast }) {
  const { median: middle, low, high } = comparison[on]
  if (notShownAbove !== undefined) {
    const certain = high - low <= comparison.peer.median / 20
    return { on, notShownAbove, holds: low <= notShownAbove, certain }
  }
  const within = (value) => value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity)
  const holds = within(middle)
  const certain = within(low) === holds && within(high) === holds
  return { on, atMost, atLeast, holds, certain }
}

// mulberry32: the same pairs give the same interval
function seeded(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
