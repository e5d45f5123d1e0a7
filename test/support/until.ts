import { setTimeout as sleep } from 'node:timers/promises'

/** Waits, with the event loop turning, until `condition` holds; gives up after a minute. */
export async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 60_000; !condition(); await sleep(2)) {
    if (Date.now() > deadline) throw new Error(`never came true: ${String(condition)}`)
  }
}
