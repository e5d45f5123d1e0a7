import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { HeapscopeError } from '../errors.js'
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
 * heap. Pauses the thread for as long as it takes; needs no `--expose-gc`. Where V8 was marking
 * already it ends that first, as a collection of its own. For tests and for moments of rest: V8
 * chooses its own moments better than a service can. Throws ERR_HEAPSCOPE_UNSUPPORTED
 * under `--expose-gc-as`.
 */
export function collect(kind: 'minor' | 'major' = 'major'): CollectResult {
  checkWord(kind, kinds, 'the kind of collection')
  const gc = (collector ??= obtainCollector())
  const deaths = native.followedDeaths()
  const usedBefore = usedBytes()
  const startMs = performance.now()
  // Else V8 frees buffers on another thread, some time after the collection.
  setFlagsFromString('--no-concurrent-array-buffer-sweeping')
  if (kind === 'minor') gc({ type: 'minor' })
  else gc() // from Node 22 on anything passed, even undefined, makes it minor
  setFlagsFromString('--concurrent-array-buffer-sweeping')
  const durationMs = performance.now() - startMs
  return {
    kind,
    durationMs,
    freedBytes: Math.max(0, usedBefore - usedBytes()),
    trackedCollected: native.followedDeaths() - deaths,
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
  return (waiting[kind] ??= collectAfterTurn(kind).finally(() => (waiting[kind] = undefined)))
}

async function collectAfterTurn(kind: 'minor' | 'major'): Promise<CollectResult> {
  await setImmediate() // this turn's own check phase
  await setImmediate()
  return collect(kind)
}

/** Refuses what asks for a collection that will not come. */
export function checkCollects(): void {
  collector ??= obtainCollector()
}

let collector: ReturnType<typeof native.gcFunction>

function obtainCollector(): NonNullable<typeof collector> {
  const obtained = native.gcFunction()
  if (obtained) return obtained
  throw new HeapscopeError(
    'ERR_HEAPSCOPE_UNSUPPORTED',
    'V8 did not give its gc; under --expose-gc-as it has another name',
  )
}

function usedBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics()
  return used_heap_size + external_memory
}
