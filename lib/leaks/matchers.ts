import { setImmediate as nextTurn } from 'node:timers/promises'
import { collect } from '../gc/collect.js'
import { invalidArgument } from '../errors.js'
import { checkWord, describe } from '../options.js'
import { LeakDetector } from './detector.js'
import { describeMeasured } from './expect-no-growth.js'
import { measureGrowth, type NoGrowthOptions } from './measure-growth.js'

interface MatcherResult {
  pass: boolean
  message: () => string
}

const mostRounds = 10

/** For vitest and jest: `expect.extend(leakMatchers)`. The first two are to be awaited. */
export const leakMatchers = {
  /** As `expectNoGrowth`: `await expect(scenario).toHaveNoGrowth(options)`. */
  async toHaveNoGrowth(
    scenario: () => unknown,
    options: NoGrowthOptions = {},
  ): Promise<MatcherResult> {
    const measured = await measureGrowth(scenario, options)
    const text = describeMeasured(measured)
    return { pass: measured.classes.length === 0, message: () => text }
  },

  /** Of a reference with `deref` to something that nothing should hold any more. Collects. */
  async toBeCollected(reference: { deref(): unknown }): Promise<MatcherResult> {
    if (typeof (reference as { deref?: unknown } | null)?.deref !== 'function') {
      throw invalidArgument(`toBeCollected takes a weak reference, not ${describe(reference)}`)
    }
    let alive = true
    for (let round = 0; round < mostRounds && alive; round++) {
      await nextTurn() // a job holds what it took out of a weak reference to its end
      collect()
      await nextTurn()
      alive = reference.deref() !== undefined
    }
    return {
      pass: !alive,
      message: () =>
        alive ? 'the target is still held: see retainingPath' : 'the target was collected',
    }
  },

  /** Of a `LeakDetector`. */
  toHaveVerdict(detector: LeakDetector, expected: 'ok' | 'suspect' | 'leak'): MatcherResult {
    if (!(detector instanceof LeakDetector)) {
      throw invalidArgument(`toHaveVerdict takes a LeakDetector, not ${describe(detector)}`)
    }
    checkWord(expected, ['ok', 'suspect', 'leak'], 'the verdict')
    const { verdict, reason } = detector.verdict()
    return { pass: verdict === expected, message: () => `the verdict is ${verdict}: ${reason}` }
  },
}
