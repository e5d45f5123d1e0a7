import { setImmediate as nextTurn } from 'node:timers/promises'
import { collect } from 'heapscope'

/**
 * Lets what is unreachable die: up to ten rounds of a turn of the loop, a full collection and another
 * turn, until `done()`. A job still holds what it touched through a WeakRef, so turns are needed.
 */
export async function settle(done: () => boolean = () => false): Promise<void> {
  for (let round = 0; round < 10 && !done(); round++) {
    await nextTurn()
    collect()
    await nextTurn()
  }
}

/** Runs `make` in a function of its own, so that nothing of it stays on the caller's stack. */
export function inScope(make: () => void): void {
  make()
}
