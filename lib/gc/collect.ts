import { native } from '../native.js'
import { checkWord } from '../options.js'

const kinds = ['minor', 'major']

export interface CollectResult {
  kind: 'minor' | 'major'
  /** How long the collection held the thread up. */
  durationMs: number
  /** By how many bytes the use of the heap, and of buffers outside it, fell. */
  freedBytes: number
  /** Followed instances of tracked classes that died. How many other objects did V8 does not tell. */
  trackedCollected: number
}

/**
 * Runs one collection now: `'minor'` of the young generation, `'major'` (the default) of the whole
 * heap. Pauses the thread for as long as it takes; needs no `--expose-gc`. For tests and for moments
 * of rest: V8 chooses its own moments better than a service can.
 */
export function collect(kind: 'minor' | 'major' = 'major'): CollectResult {
  checkWord(kind, kinds, 'the kind of collection')
  const [durationNs, usedBefore, usedAfter, externalBefore, externalAfter, trackedCollected] =
    native.collect(kind === 'minor', exposesGc()) as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
    ]
  return {
    kind,
    durationMs: durationNs / 1e6,
    freedBytes: Math.max(0, usedBefore + externalBefore - usedAfter - externalAfter),
    trackedCollected,
  }
}

const waiting: Record<'minor' | 'major', Promise<CollectResult> | undefined> = {
  minor: undefined,
  major: undefined,
}

/**
 * Runs one collection in a later turn of the event loop, after what is waiting there now: after a
 * response was sent, say. Calls made before it has run share it.
 */
export function collectWhenIdle(kind: 'minor' | 'major' = 'major'): Promise<CollectResult> {
  checkWord(kind, kinds, 'the kind of collection')
  return (waiting[kind] ??= new Promise((resolve) => {
    // Two turns: the first is this turn's own check phase.
    setImmediate(() =>
      setImmediate(() => {
        waiting[kind] = undefined
        resolve(collect(kind))
      }),
    )
  }))
}

/** Whether V8's --expose-gc is on already; then it is not ours to put back. */
function exposesGc(): boolean {
  return typeof globalThis.gc === 'function'
}
