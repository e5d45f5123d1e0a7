import { describeBytes, describeCount } from '../graph/prose.js'
import { byBlame, isCommonClass, isInternalClass } from './class-kinds.js'
import {
  meanStep,
  median,
  slope,
  spread,
  steadyGrowth,
  steppedGrowth,
  type Growth,
} from './growth.js'
import type { LeakSnapshot } from './leak-snapshot.js'

/** A class that grows, period after period. */
export interface GrowingClass {
  className: string
  /** Instances now, and how many more than at the beginning of the window. */
  count: number
  growth: number
  /**
   * The typical growth from one snapshot to the next: instances (0 where only their size grew), and
   * bytes that the class retains.
   */
  perPeriod: number
  /** null where only instances were counted. */
  bytesPerPeriod: number | null
  /** In so many of the window's periods it grew. */
  grewIn: number
  /** It still grew in the last one, by half of what is typical at least: only then it can be a leak. */
  goesOn: boolean
}

export interface Verdict {
  verdict: 'ok' | 'suspect' | 'leak'
  /** One sentence. */
  reason: string
  /** What grows, the most likely cause first. */
  suspects: GrowingClass[]
  /**
   * It would be a leak, but no full collection has run lately: what grew may be dead and only not
   * collected yet. `diagnose` settles it.
   */
  unconfirmed: boolean
}

export interface VerdictOptions {
  /** Over how many periods between snapshots growth must go on to be a leak. 5, so six snapshots. */
  periods?: number
  /** More instances than so many must have grown and lived through a period. 10. */
  threshold?: number
  /** The same in bytes, for a class whose instances grow rather than their number. 100,000. */
  thresholdBytes?: number
}

/** A verdict's `periods` where nobody says. */
export const defaultPeriods = 5

/** Of strings, functions, plain objects there are always some more: these must grow by so much. */
const leastShare = 0.01

/** Fewer periods than these say nothing; with these growth is suspect. */
const leastPeriods = 3

interface Judged {
  snapshots: readonly LeakSnapshot[]
  names: readonly string[]
}

/**
 * A leak is what grows in nearly every one of the last periods, no slower at their end, by more than
 * `threshold` instances that have lived through a period (what came in the last one is left out),
 * over a full collection at least, while the heap after them grows along, where that is known.
 * Suspect is what has grown so for fewer periods, over the whole record, until the last period only,
 * without a full collection, or against what the heap says; or a heap that grows while no class is seen to.
 */
export function judge(all: Judged, options: VerdictOptions): Verdict {
  const { periods = defaultPeriods } = options
  const { snapshots } = all
  if (snapshots.length <= leastPeriods) {
    return ok(`too early to tell: ${snapshots.length} of ${leastPeriods + 1} snapshots`)
  }
  const last = snapshots.slice(-(periods + 1))
  const recent = growing({ ...all, snapshots: last }, options)
  if (recent.length === 0) return judgeRecord(all, periods, options)

  const worst = describeGrowth(recent[0]!, last.length - 1)
  if (last.length <= periods) {
    return suspect(`${worst}; ${periods + 1} snapshots are needed to call it a leak`, recent)
  }
  const going = recent.filter(({ goesOn }) => goesOn)
  if (going.length === 0) return suspect(`${worst}, but stands still now`, recent)
  // A collection takes the dead away: what then still has grown is held.
  const later = last.slice(-Math.ceil((periods + 1) / 2))
  if (later.every(({ heapAfterCollection }) => heapAfterCollection === null)) {
    const why = 'no full collection has run lately to tell whether it is only not collected yet'
    return { ...suspect(`${worst}, but ${why}`, recent), unconfirmed: true }
  }
  const heap = heapGrowth(last)
  // One by one: what the heap says of a large class it does not say of a small one that grows beside it.
  const held = going.filter((row) => !heap?.contradicts(row))
  if (held.length === 0) {
    return suspect(`${worst}, but the heap after full collections does not grow along`, recent)
  }
  const along =
    heap === null
      ? 'full collections were too few to tell how the heap grows'
      : `the heap after full collections grew by ${describeBytes(Math.round(heap.total))}`
  const reason = `${describeGrowth(held[0]!, last.length - 1)}; ${along}`
  const suspects = [...held, ...recent.filter((row) => !held.includes(row))]
  return { verdict: 'leak', reason, suspects, unconfirmed: false }
}

/** Too slow, or too uneven, for the last snapshots: the whole record at as many moments. */
function judgeRecord(all: Judged, periods: number, options: VerdictOptions): Verdict {
  const { snapshots } = all
  if (snapshots.length > periods + 1) {
    const found = growing({ ...all, snapshots: spread(snapshots, periods + 1) }, options)
    if (found.length > 0) {
      const since = `over all ${snapshots.length} snapshots, though not in each of the last ones`
      return suspect(`${found[0]!.className} grew ${since}`, found)
    }
  }
  const last = snapshots.slice(-(periods + 1))
  const memory = [
    ['the heap after full collections', heapGrowth(last)],
    ['what buffers and the like hold outside the heap', heapGrowth(last, 'external')],
  ] as const
  for (const [what, grown] of memory) {
    if (!grown?.steady || grown.total <= Math.max(1e6, 0.02 * grown.size)) continue
    const by = describeBytes(Math.round(grown.total))
    const more = snapshots[0]!.sizesByType ? '' : ": mode 'heap' counts them all"
    return suspect(`${what} grew by ${by}, but no class that is counted${more}`, [])
  }
  return ok('no class goes on growing')
}

/** The classes that grow over all of the snapshots, what explains most first. */
function growing({ snapshots, names }: Judged, options: VerdictOptions): GrowingClass[] {
  const { threshold = 10, thresholdBytes = 100_000 } = options
  const survived = snapshots.length - 2 // the last period's are young
  const found: GrowingClass[] = []
  for (const [index, className] of names.entries()) {
    if (isInternalClass(className)) continue
    const rows = snapshots.map((snapshot) => snapshot.figuresOf(index))
    const { count } = rows.at(-1)!
    const growth = count - rows[0]!.count
    const counts = steadyGrowth(rows.map((row) => row.count))
    const least = isCommonClass(className) ? leastShare * count : 0
    const byCount = counts !== null && counts.perPeriod * survived > Math.max(threshold, least)
    // Only what is the same in number can be containers that grow.
    const sameNumber = growth <= Math.max(threshold, leastShare * count)
    const sizes = (sameNumber ? steppedGrowth : steadyGrowth)(
      rows.map(({ shallowSize }) => shallowSize ?? 0),
    )
    const bySize = sizes !== null && sizes.perPeriod * survived > thresholdBytes
    if (!byCount && !bySize) continue
    const seen = byCount ? counts : sizes!
    const retained = rows.map(({ retainedSize }) => retainedSize)
    found.push({
      className,
      count,
      growth,
      perPeriod: byCount ? counts.perPeriod : 0,
      bytesPerPeriod: retained.includes(null) ? null : meanStep(retained as number[]),
      grewIn: seen.rises,
      goesOn: (byCount && counts.goesOn) || (bySize && sizes.goesOn),
    })
  }
  return found.sort((a, b) => Number(b.goesOn) - Number(a.goesOn) || blame(a, b))
}

const blame = byBlame<GrowingClass>((row) => [row.bytesPerPeriod ?? 0, row.perPeriod])

interface HeapGrowth {
  total: number
  size: number
  steady: Growth | null
  contradicts(row: GrowingClass): boolean
}

/** Bytes an instance takes at least. */
const leastBytes = 24

/** Over the snapshots that a full collection came before. */
function heapGrowth(
  snapshots: readonly LeakSnapshot[],
  figure: 'heapAfterCollection' | 'external' = 'heapAfterCollection',
): HeapGrowth | null {
  const known = snapshots
    .map((snapshot) => (snapshot.heapAfterCollection === null ? null : snapshot[figure]))
    .filter((bytes) => bytes !== null)
  if (known.length < leastPeriods) return null
  const total = slope(known) * (known.length - 1)
  const size = median(known)
  const noise = Math.max(0.01 * size, 64_000) // what V8's code and caches move it by
  return {
    total,
    size,
    steady: steadyGrowth(known),
    contradicts({ bytesPerPeriod, perPeriod }) {
      const expected = (bytesPerPeriod ?? perPeriod * leastBytes) * (known.length - 1)
      // Of less than the noise the heap says nothing, one way or the other.
      return expected > 2 * noise && total < expected / 2 - noise
    },
  }
}

function describeGrowth(worst: GrowingClass, periods: number): string {
  const { className, count, perPeriod, bytesPerPeriod, grewIn } = worst
  const bytes = describeBytes(Math.round(bytesPerPeriod ?? 0))
  const grew = `${className} grew in ${grewIn === periods ? 'each' : grewIn} of ${periods} periods`
  if (perPeriod === 0) return `${grew}, by about ${bytes} a period`
  return (
    `${grew}, by about ${describeCount(perPeriod)} ` +
    `${bytesPerPeriod === null ? '' : `and ${bytes} retained `}a period, to ${describeCount(count)}`
  )
}

function ok(reason: string): Verdict {
  return { verdict: 'ok', reason, suspects: [], unconfirmed: false }
}

function suspect(reason: string, suspects: GrowingClass[]): Verdict {
  return { verdict: 'suspect', reason, suspects, unconfirmed: false }
}
