import { setImmediate as nextTurn } from 'node:timers/promises'
import { collect } from '../gc/collect.js'

/**
 * Lets what nothing holds die: full collections between turns of the event loop, because a job holds
 * what it took out of a weak reference to its end.
 */
export async function settleHeap(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await nextTurn()
    collect()
  }
}
