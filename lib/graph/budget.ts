import { readFileSync, statfsSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { HeapscopeError, invalidArgument } from '../errors.js'
import { containerMemory } from '../gc/container-limits.js'
import { heapStatistics } from '../gc/heap-statistics.js'
import { native } from '../native.js'
import { describe } from '../options.js'
import { describeBytes } from './prose.js'

/** What is free, in bytes, and by whose leave. Tests bring their own. */
export interface Room {
  bytes: number
  what: string
}

/**
 * Refuses a piece of work before it starts: memory that it is estimated to take against `maxMemory`,
 * and against what the system and the container have left.
 */
export function checkBudget(
  what: string,
  needed: number,
  maxMemory: number | undefined,
  rooms: readonly Room[] = roomNow(),
): void {
  const limits: readonly Room[] =
    maxMemory === undefined ? rooms : [{ bytes: maxMemory, what: 'maxMemory' }, ...rooms]
  for (const limit of limits) {
    if (needed <= limit.bytes) continue
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_BUDGET',
      `${what} would take about ${describeBytes(needed)} of memory, ` +
        `but ${limit.what} is ${describeBytes(Math.max(0, limit.bytes))}`,
    )
  }
}

/** The same for a capture of this isolate, whose pause counts as well. */
export function checkCaptureBudget(maxMemory?: number, maxPauseMs?: number): void {
  const [, snapshotBytes, pauseMs, graphBytes] = native.estimateCapture() as unknown as [
    number,
    number,
    number,
    number,
  ]
  const what = 'a capture of this heap'
  if (maxPauseMs !== undefined && pauseMs > maxPauseMs) {
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_BUDGET',
      `${what} would pause this thread for about ${Math.round(pauseMs)} ms, ` +
        `but timeoutMs is ${maxPauseMs}`,
    )
  }
  checkBudget(what, snapshotBytes + graphBytes, maxMemory)
  checkHeapRoom()
}

/** What a twin may take, and where it puts on disk what it would take besides. */
export interface TwinBudget {
  memoryBytes: number
  spillTo?: string
}

/**
 * The same for a twin, which pauses this thread for the fork alone: about 25 ms for each gigabyte of
 * its memory. Where memory is short, it may think on disk.
 */
export function checkTwinBudget(
  maxMemory: number | undefined,
  maxPauseMs: number | undefined,
  spill: string,
): TwinBudget {
  const what = "a twin's capture of this heap"
  const rss = process.memoryUsage.rss()
  const pauseMs = (rss / 1e9) * 25
  if (maxPauseMs !== undefined && pauseMs > maxPauseMs) {
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_BUDGET',
      `${what} would pause this thread for about ${Math.ceil(pauseMs)} ms, ` +
        `but timeoutMs is ${maxPauseMs}`,
    )
  }
  return twinBudget(heapStatistics().used, maxMemory, spill)
}

/** The same without the pause, for a heap that is so full. */
export function twinBudget(
  heapBytes: number,
  maxMemory: number | undefined,
  spill: string,
): TwinBudget {
  const what = "a twin's capture of this heap"
  const [nodesNow, snapshotNow, , graphNow, used] = native.estimateCapture() as unknown as [
    number,
    number,
    number,
    number,
    number,
  ]
  const [nodes, snapshotBytes, graphBytes] = [nodesNow, snapshotNow, graphNow].map(
    (each) => (each * heapBytes) / used,
  ) as [number, number, number]
  const rooms = roomNow()
  const memoryBytes = Math.min(maxMemory ?? Infinity, ...rooms.map(({ bytes }) => bytes))
  // What the service writes to meanwhile is there twice.
  const copies = process.memoryUsage.rss() / 10
  const needed = snapshotBytes + graphBytes + copies
  if (spill !== 'auto' && spill !== 'never') checkSpillDirectory(spill)
  if (needed <= memoryBytes || spill === 'never') {
    checkBudget(what, needed, maxMemory, rooms)
    return { memoryBytes }
  }
  const fileBytes = snapshotBytes + graphBytes
  const spillTo = spill === 'auto' ? spillDirectories().find((one) => room(one) > fileBytes) : spill
  if (spillTo === undefined)
    checkBudget(`${what}, with no disk to spill to,`, needed, maxMemory, rooms)
  else if (room(spillTo) <= fileBytes) {
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_BUDGET',
      `${what} would put about ${describeBytes(fileBytes)} into ${spillTo}, ` +
        `but that has ${describeBytes(room(spillTo))} free`,
    )
  }
  const least = graphBytes + nodes * spilledBytesPerNode + copies
  checkBudget(`${what}, though spilling to disk,`, least, maxMemory, rooms)
  return { memoryBytes, ...(spillTo === undefined ? {} : { spillTo }) }
}

/** What stays in memory beside the graph: V8's lists between two steps. Measured. */
const spilledBytesPerNode = 24

function spillDirectories(): string[] {
  return [...new Set([tmpdir(), '/var/tmp'])].filter((directory) => onDisk(directory))
}

function checkSpillDirectory(directory: string): void {
  if (typeof directory === 'string' && onDisk(directory)) return
  throw invalidArgument(
    `spill is 'auto', 'never' or a directory on a disk, not ${describe(directory)}: files of tmpfs are memory`,
  )
}

const kindsInMemory = [0x01021994 /* tmpfs */, 0x858458f6 /* ramfs */, 0x958458f6 /* hugetlbfs */]

function onDisk(directory: string): boolean {
  try {
    return !kindsInMemory.includes(statfsSync(directory).type)
  } catch {
    return false
  }
}

function room(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}

/**
 * V8's snapshot is not on the heap, but it makes strings there and collects with it: what is all but
 * full would be pushed over the edge by being looked at.
 */
function checkHeapRoom(): void {
  const { used, limit } = heapStatistics()
  const needed = Math.max(16e6, used / 50)
  checkBudget('a capture', needed, undefined, [
    { bytes: limit - used, what: `what the heap has left of its limit of ${describeBytes(limit)}` },
  ])
}

function roomNow(): Room[] {
  const rooms = [{ bytes: availableMemory(), what: "the system's free memory" }]
  const container = containerMemory()
  if (container) {
    const { limitBytes, usageBytes } = container
    // Whatever may be reclaimed, what this process itself has is in use.
    const used = Math.max(usageBytes - reclaimable(), process.memoryUsage.rss())
    rooms.push({
      bytes: limitBytes - used,
      what: `what the container has left of its limit of ${describeBytes(limitBytes)}`,
    })
  }
  return rooms
}

/** Free, or held only by caches: Linux tells, elsewhere `freemem` is near enough. */
function availableMemory(): number {
  const found = /^MemAvailable:\s+(\d+) kB$/m.exec(textOf('/proc/meminfo'))
  return found ? Number(found[1]) * 1024 : freemem()
}

/**
 * A container's usage counts the pages of files it read, which the kernel gives up at need. Inside a
 * container its own group is the root of what it sees.
 */
function reclaimable(): number {
  const text = textOf('/sys/fs/cgroup/memory.stat') || textOf('/sys/fs/cgroup/memory/memory.stat')
  return Number(/^(?:total_)?inactive_file (\d+)$/m.exec(text)?.[1] ?? 0)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
