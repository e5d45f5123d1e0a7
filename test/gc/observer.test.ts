import { constants, PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks'
import { collect, monitorGc, type GcEvent, type GcKind } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { allocateFor } from '../support/garbage.js'
import { beginUnmarked } from '../support/unmarked.js'
import { until } from '../support/until.js'

beginUnmarked()

const kinds: Record<number, GcKind> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'scavenge',
  2: 'minor-mark-sweep', // for which Node has no constant
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'mark-sweep-compact',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental-marking',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak-callbacks',
}

/** Node's entries; its types say nothing of the detail that those of collections have. */
type GcEntry = PerformanceEntry & { detail: { kind: number } }

interface Entry {
  kind: GcKind
  startMs: number
  durationMs: number
}

/** Node remembers one start only: a collection inside another has no entry of its own. */
function outermost(events: readonly GcEvent[]): GcEvent[] {
  const inside = (inner: GcEvent, outer: GcEvent) =>
    inner !== outer &&
    outer.startMs <= inner.startMs &&
    outer.startMs + outer.durationMs >= inner.startMs + inner.durationMs
  return events.filter((event) => !events.some((other) => inside(event, other)))
}

/** What a monitor and Node's own observer say of the same blocked stretch. */
async function observeBoth(work: () => void): Promise<{ ours: GcEvent[]; theirs: Entry[] }> {
  const entries: Entry[] = []
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as GcEntry[]) {
      const kind = kinds[entry.detail.kind]!
      entries.push({ kind, startMs: entry.startTime, durationMs: entry.duration })
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  collect('minor') // so that nothing but `work` fills the young generation
  const monitor = monitorGc()
  const fromMs = performance.now()
  work()
  collect('minor')
  const toMs = performance.now()
  monitor[Symbol.dispose]()
  expect(entries).toEqual([]) // while the loop is blocked, the observer hears of nothing
  const ours = outermost(monitor.events())
  const during = () => entries.filter(({ startMs }) => startMs >= fromMs && startMs <= toMs)
  await until(() => during().length >= ours.length)
  observer.disconnect()
  return { ours, theirs: during() }
}

describe('while the loop is blocked', () => {
  it('every collection is counted that the performance observer lists afterwards', async () => {
    const { ours, theirs } = await observeBoth(() => allocateFor(800))
    expect(ours.length).toBeGreaterThan(5)
    expect(ours.map(({ kind }) => kind)).toEqual(theirs.map(({ kind }) => kind))
  })

  it('each lasts and starts, within 0.2 ms, as the observer says', async () => {
    const { ours, theirs } = await observeBoth(() => {
      allocateFor(300)
      for (let i = 0; i < 200; i++) collect('minor')
      for (let i = 0; i < 5; i++) collect()
    })
    expect(ours).toHaveLength(theirs.length)
    const differences = ours.flatMap((event, i) => [
      Math.abs(event.durationMs - theirs[i]!.durationMs),
      Math.abs(event.startMs - theirs[i]!.startMs),
    ])
    // The system can stop the thread between their hook and ours: that is theirs or ours, not both.
    const apart = differences.filter((ms) => ms > 0.2)
    expect(apart.length).toBeLessThan(differences.length * 0.05)
  })
})
