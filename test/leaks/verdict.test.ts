import { expect, test } from 'vitest'
import { ClassTable } from '../../dist/leaks/class-table.js'
import * as snapshots from '../../dist/leaks/leak-snapshot.js'
import { judge } from '../../dist/leaks/verdict.js'

// Its constructor is not for users, so not in its types.
const LeakSnapshot = snapshots.LeakSnapshot as unknown as new (
  ...parts: [label: string, figures: object, table: ClassTable, packed: Float64Array]
) => snapshots.LeakSnapshot

interface Series {
  /** Instances of the class `Row`, one figure a snapshot. */
  rows: readonly number[]
  /** Bytes that one retains; null as where only instances are counted. */
  size?: number | null
  /** Or the bytes of all of them together, one figure a snapshot. */
  sizes?: readonly number[]
  /** The heap after full collections; null where there was none. */
  heap: readonly (number | null)[]
  /** Bytes outside the heap. */
  external?: readonly number[]
  /** Bytes of the one instance of another class, one figure a snapshot. */
  beside?: readonly number[]
}

function verdictOf({ rows, size = null, sizes, heap, external, beside }: Series) {
  const table = new ClassTable()
  const taken = rows.map((count, i) => {
    const bytes = sizes?.[i] ?? (size === null ? null : size * count)
    const figures = (count: number, bytes: number | null) => {
      return { count, shallowSize: bytes, retainedSize: bytes }
    }
    const packed = table.pack([
      ['Row', figures(count, bytes)],
      ...(beside ? [['Beside', figures(1, beside[i]!)] as const] : []),
    ])
    const nothing = { time: i, memoryUsage: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }
    const memory = { heapAfterCollection: heap[i] ?? null, external: external?.[i] ?? 0 }
    return new LeakSnapshot('', { ...nothing, ...memory }, table, packed)
  })
  return judge({ snapshots: taken, names: table.names }, {})
}

const steps = (first: number, step: number) => Array.from({ length: 6 }, (_, i) => first + i * step)
const never = Array<null>(6).fill(null)

test('L43: what the heap says of a large class it does not say of a small one beside it', () => {
  const { verdict, reason, suspects } = verdictOf({
    rows: steps(100, 60),
    size: 30,
    heap: steps(5e6, 0),
    beside: steps(1e6, 1e6),
  })
  expect(verdict, reason).toBe('leak')
  expect(reason).toMatch(/^Row grew/)
  expect(suspects.map(({ className }) => className)).toEqual(['Row', 'Beside'])
})

test('L43: what goes on growing, with the heap, is a leak', () => {
  const { verdict, reason, suspects } = verdictOf({
    rows: steps(100, 1000),
    size: 500,
    heap: steps(5e6, 5e5),
  })
  expect(verdict, reason).toBe('leak')
  expect(reason).toMatch(/^Row grew in each of 5 periods, .*; the heap .* grew by 2\.5 MB$/)
  expect(suspects).toEqual([
    {
      className: 'Row',
      count: 5100,
      growth: 5000,
      perPeriod: 1000,
      bytesPerPeriod: 5e5,
      grewIn: 5,
      goesOn: true,
    },
  ])
})

test('L43: with a heap that does not grow along it is suspect, where that says anything', () => {
  const flat = steps(5e6, 0)
  const large = verdictOf({ rows: steps(100, 1000), size: 500, heap: flat })
  expect(large.verdict).toBe('suspect')
  expect(large.reason).toContain('does not grow along')

  // 13 kB a period: V8's own code and caches move the heap by more, up and down.
  for (const heap of [flat, steps(5e6, -20_000), steps(5e6, 20_000)]) {
    const small = verdictOf({ rows: steps(100, 10), size: 1300, heap })
    expect(small.verdict, small.reason).toBe('leak')
  }
  // Where only instances are counted, each is taken to have a few words at least.
  expect(verdictOf({ rows: steps(100, 50_000), heap: flat }).verdict).toBe('suspect')
  expect(verdictOf({ rows: steps(100, 100), heap: flat }).verdict).toBe('leak')
})

test('L43: without a full collection lately it is suspect, and not confirmed', () => {
  const rows = steps(100, 1000)
  expect(verdictOf({ rows, heap: never })).toMatchObject({ verdict: 'suspect', unconfirmed: true })
  const once = verdictOf({ rows, heap: [...never.slice(1), 5e6] })
  expect(once).toMatchObject({ verdict: 'leak', unconfirmed: false })
  expect(once.reason).toContain('too few to tell how the heap grows')
})

test('L43: a jump, a sawtooth, what slows down and what is under the threshold are ok', () => {
  const heap = steps(5e6, 0)
  const series = [
    [100, 5100, 5100, 5100, 5100, 5100],
    [0, 100, 200, 0, 100, 200],
    [0, 400, 800, 880, 890, 895],
    steps(100, 2),
  ]
  for (const rows of series) {
    const { verdict, reason, suspects } = verdictOf({ rows, size: 50, heap })
    expect({ verdict, suspects }, `${reason}: ${rows.join(' ')}`).toEqual({
      verdict: 'ok',
      suspects: [],
    })
  }
})

/** The rows of a pool or cache that takes `perStep` in each step up to its limit, six snapshots from each on. */
const filling = (perStep: number, limit: number) => {
  const levels = Array.from({ length: 12 }, (_, i) => Math.min(limit, perStep * (i + 1)))
  return Array.from({ length: 7 }, (_, from) => levels.slice(from, from + 6))
}

test('L43: what fills up and is full is no leak, in however many steps, with small entries and large', () => {
  for (const perStep of [2, 20, 60]) {
    for (const steps of [3, 4, 5, 5.4]) {
      for (const size of [null, 50, 2000, 1_000_000]) {
        const series = filling(perStep, Math.floor(perStep * steps))
        const verdicts = series.map((rows) => {
          const bytes = size ?? 0
          const heap = rows.map((count) => 5e6 + count * bytes)
          return verdictOf({ rows, size, heap }).verdict
        })
        const what = `${perStep} a step, ${steps} steps, ${size} B: ${verdicts.join(' ')}`
        expect(verdicts, what).not.toContain('leak')
        expect(verdicts.slice(3), what).toEqual(Array(4).fill('ok'))
      }
    }
  }
  const nearlyFull = verdictOf({ rows: [0, 50, 100, 150, 200, 190], heap: never })
  expect(nearlyFull.verdict, nearlyFull.reason).toBe('suspect')
  expect(nearlyFull.reason).toContain('stands still now')
})

test('L43: a leak that paused once is one, by the number of periods in which it grew', () => {
  const rows = [60, 120, 180, 180, 240, 300]
  const { verdict, reason } = verdictOf({ rows, size: 50, heap: rows.map((n) => 5e6 + n * 50) })
  expect(verdict, reason).toBe('leak')
  expect(reason).toMatch(/^Row grew in 4 of 5 periods, /)
})

test('L43: the size of a container grows in leaps, and must have leapt in the last period', () => {
  const capacities = [21_047, 47_395, 71_108, 106_678, 106_678, 160_033, 160_033]
  const judged = (from: number) => {
    const sizes = capacities.slice(from, from + 6).map((capacity) => 8 * capacity)
    return verdictOf({ rows: Array<number>(6).fill(1), sizes, heap: sizes.map((n) => 5e6 + n) })
  }
  expect(judged(0)).toMatchObject({ verdict: 'leak', suspects: [{ perPeriod: 0, grewIn: 4 }] })
  expect(judged(1)).toMatchObject({ verdict: 'suspect', suspects: [{ goesOn: false }] })
})

test('L43: fewer snapshots than six make suspect at most, fewer than four nothing', () => {
  const first = (count: number) =>
    verdictOf({ rows: steps(100, 1000).slice(0, count), size: 500, heap: steps(5e6, 5e5) })
  expect([1, 2, 3, 4, 5, 6].map((count) => first(count).verdict)).toEqual([
    'ok',
    'ok',
    'ok',
    'suspect',
    'suspect',
    'leak',
  ])
  expect(first(2).reason).toBe('too early to tell: 2 of 4 snapshots')
})

test('L43: a heap that grows while no class does is suspect', () => {
  const grown = verdictOf({ rows: steps(100, 0), heap: steps(5e6, 1e6) })
  expect(grown).toMatchObject({ verdict: 'suspect', suspects: [], unconfirmed: false })
  expect(grown.reason).toContain("mode 'heap' counts them all")
})

test('L43: memory outside the heap that grows while no class does is suspect, by full collections only', () => {
  const series = { rows: steps(100, 0), external: steps(2e6, 1e6) }
  const grown = verdictOf({ ...series, heap: steps(5e6, 0) })
  expect(grown).toMatchObject({ verdict: 'suspect', suspects: [] })
  expect(grown.reason).toContain('what buffers and the like hold outside the heap grew by 5 MB')
  expect(verdictOf({ ...series, heap: never }).verdict).toBe('ok')
})
