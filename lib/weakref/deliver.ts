import { startDelivery } from '../delivery.js'
import { native } from '../native.js'
import { report, reportAtOnce, reportRejection } from './errors-hook.js'

/** What a target's death is told to. */
export interface Notified {
  /** Called once, with every reference to the target dead already. */
  [notify](): unknown
  /** What the user knows it as. */
  [face](): object
}
export const notify = Symbol('notify')
export const face = Symbol('face')

/** What takes dead entries out of its own books. */
export interface Owner {
  [takeDead](): void
}
export const takeDead = Symbol('takeDead')

let started = false
let delivering = false
/** Being told now. */
let waiting: IterableIterator<Notified> = [].values()

/** From the first use on. */
export function start(): void {
  if (started) return
  started = true
  native.weakStart()
  process.prependListener('exit', onExit)
  startDelivery(deliver)
}

function onExit(): void {
  reportAtOnce()
  delivering = false // a callback that ended the process has left the rest of them
}

/**
 * Tells at once what would be told from the event loop, and returns of how many deaths. For tests:
 * after `collect()`. Not from within a callback: then it does nothing, and returns 0.
 */
export function flush(): number {
  if (!started) return 0
  native.weakSweep()
  return deliver()
}

function deliver(): number {
  if (delivering) return 0
  delivering = true
  try {
    for (const owner of native.cellsTakeOwners() as Owner[]) owner[takeDead]()
    const left = tellWaiting()
    waiting = ((native.linksTakeWaiting() ?? []) as Notified[]).values()
    return left + tellWaiting()
  } finally {
    delivering = false
  }
}

function tellWaiting(): number {
  let told = 0
  for (const each of waiting) {
    tell(each)
    told++
  }
  return told
}

/** Without a closure for each: there may be a million. */
function tell(dead: Notified): void {
  try {
    void reportRejection(dead[notify](), dead[face]())
  } catch (error) {
    report(error, dead[face]())
  }
}
