import { readFile } from 'node:fs/promises'
import { HeapscopeError } from '../errors.js'
import type { HistoryData } from './saved-history.js'

export const historyKind = 'tracker history 1'

/** Whether a value is what a field must be. */
type Check = (value: unknown) => boolean

const text: Check = (value) => typeof value === 'string'
const number: Check = Number.isFinite
/** That a Date can have. */
const time: Check = (value) => Number.isFinite(value) && Math.abs(value as number) <= 8.64e15
const listOf =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item)
const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(fields).every(([name, check]) => check((value as Record<string, unknown>)[name]))

const classRow = record({ className: text, active: number, sized: number, size: number })
const snapshot = record({
  label: text,
  time,
  memoryUsage: number,
  heapUsed: number,
  trackedTotal: number,
  classes: listOf(classRow),
})
const members: Check = (value) =>
  value === undefined ||
  listOf(record({ name: text, className: text, size: number, members }))(value)
const life = record({
  className: text,
  id: number,
  bornAt: time,
  diedAt: (value) => value === null || time(value),
  size: number,
  ownSize: number,
  members,
})
const history = record({ snapshots: listOf(snapshot), lives: listOf(life) })

/** Reads what `TrackerHistory.save` wrote: `SavedHistory.load`, which documents the errors. */
export async function readHistory(path: string): Promise<HistoryData> {
  const data = parse(await read(path))
  const kind = (data as { heapscope?: unknown } | null | undefined)?.heapscope
  if (kind === historyKind && history(data)) return data as HistoryData
  if (kind !== historyKind && typeof kind === 'string' && kind.startsWith('tracker history ')) {
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_GRAPH_VERSION',
      `${path} was saved by another version of heapscope, which can read it`,
    )
  }
  throw new HeapscopeError(
    'ERR_HEAPSCOPE_SNAPSHOT_INVALID',
    kind === historyKind
      ? `${path} is a damaged history: something is missing in it`
      : `${path} is not a history that TrackerHistory saved`,
  )
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const why = (cause as Error).message
    throw new HeapscopeError('ERR_HEAPSCOPE_IO', `${path} could not be read: ${why}`, { cause })
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
