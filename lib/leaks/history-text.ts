import { outOfRange, invalidArgument } from '../errors.js'
import { describeBytes, describeCount, describeShare } from '../graph/prose.js'
import { checkOptions, describe } from '../options.js'
import type { HistoryData, TrackedLife, TrackerSnapshot } from './saved-history.js'
import type { SizeMember } from './size-members.js'

/** What instances can be sorted by: sizes largest first, all else smallest first, the living last. */
export type LifeKey = 'className' | 'size' | 'birth' | 'death' | 'id'

export interface HistoryTextOptions {
  /** By the first key, those alike by the next. `['birth', 'id']`. */
  sort?: LifeKey | readonly LifeKey[]
  reverse?: boolean
  /** At most so many instances; below 1 it is the share of them. All. */
  limit?: number
  /** Only classes whose name contains it. */
  className?: string
}

const keys: Record<LifeKey, (a: TrackedLife, b: TrackedLife) => number> = {
  className: (a, b) => (a.className < b.className ? -1 : Number(a.className > b.className)),
  size: (a, b) => b.size - a.size,
  birth: (a, b) => a.bornAt - b.bornAt,
  death: (a, b) => (a.diedAt ?? Infinity) - (b.diedAt ?? Infinity) || 0, // both alive: NaN
  id: (a, b) => a.id - b.id,
}

export function historyText(data: HistoryData, options: HistoryTextOptions): string {
  const { snapshots, lives } = data
  const chosen = choose(lives, options)
  const { className = '' } = options
  return [
    'Tracked classes over time',
    ...snapshots.flatMap((snapshot) => ['', ...snapshotLines(snapshot, className)]),
    '',
    `Instances: ${describeCount(chosen.length)} of ${describeCount(lives.length)}`,
    ...chosen.flatMap(lifeLines),
  ].join('\n')
}

function choose(lives: readonly TrackedLife[], options: HistoryTextOptions): TrackedLife[] {
  checkOptions(options, ['sort', 'reverse', 'limit', 'className'], 'toText')
  const { sort = ['birth', 'id'], reverse = false, limit = Infinity, className = '' } = options
  if (typeof limit !== 'number' || !(limit > 0)) {
    throw outOfRange(`limit must be a number above 0, not ${describe(limit)}`)
  }
  if (typeof className !== 'string') {
    throw invalidArgument(`className must be a string, not ${describe(className)}`)
  }
  const isList = Array.isArray as (value: unknown) => value is readonly LifeKey[]
  if (typeof sort !== 'string' && !isList(sort)) {
    throw invalidArgument(`sort must be a key or an array of keys, not ${describe(sort)}`)
  }
  const orders = (typeof sort === 'string' ? [sort] : sort).map((key) => {
    if (Object.hasOwn(keys, key)) return keys[key]
    const all = Object.keys(keys).join(', ')
    throw outOfRange(`instances are sorted by ${all}, not by ${describe(key)}`)
  })
  const found = lives.filter((life) => life.className.includes(className))
  const sign = reverse ? -1 : 1
  found.sort((a, b) => {
    for (const order of orders) {
      const by = order(a, b)
      if (by !== 0) return sign * by
    }
    return 0
  })
  return found.slice(0, limit < 1 ? Math.ceil(limit * found.length) : limit)
}

function snapshotLines(snapshot: TrackerSnapshot, className: string): string[] {
  const { label, memoryUsage, trackedTotal, classes } = snapshot
  const rows = classes
    .filter((row) => row.className.includes(className))
    .map(({ className: name, active, sized, size }) => {
      if (sized === 0) return `  ${name}: ${describeCount(active)}, none sized`
      const each = describeBytes(Math.round(size / sized))
      const share = describeShare(size, trackedTotal)
      const part = sized < active ? ` in ${describeCount(sized)} of them` : ''
      return `  ${name}: ${describeCount(active)}, ${describeBytes(size)}${part}, ${each} each, ${share}`
    })
  const [tracked, resident] = [describeBytes(trackedTotal), describeBytes(memoryUsage)]
  return [`${label}: ${tracked} tracked, ${resident} resident`, ...rows]
}

function lifeLines(life: TrackedLife): string[] {
  const { className, id, bornAt, diedAt, size, members = [] } = life
  const ended = diedAt === null ? 'alive' : `lived ${((diedAt - bornAt) / 1000).toFixed(3)}s`
  const born = new Date(bornAt).toISOString()
  return [
    `  ${className}#${id}: ${describeBytes(size)}, born ${born}, ${ended}`,
    ...memberLines(members, '    '),
  ]
}

function memberLines(members: readonly SizeMember[], indent: string): string[] {
  return members.flatMap(({ name, className, size, members: inner = [] }) => [
    `${indent}${name}${className && ` (${className})`}: ${describeBytes(size)}`,
    ...memberLines(inner, `${indent}  `),
  ])
}
