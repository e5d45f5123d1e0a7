import { readFileSync } from 'node:fs'
import { freemem } from 'node:os'
import { HeapscopeError } from '../errors.js'
import { containerMemory } from '../gc/container-limits.js'
import { describeBytes } from './prose.js'

/** What is free, in bytes, and by whose leave. Tests bring their own. */
export interface Room {
  bytes: number
  what: string
  /** What is put on disk takes of it all the same. */
  evenSpilled?: true
}

/** The memory that the system and the container have left. */
export function roomNow(): Room[] {
  const rooms = [{ bytes: availableMemory(), what: "the system's free memory" }]
  const container = containerMemory()
  if (container) {
    const { limitBytes, usageBytes } = container
    // Whatever may be reclaimed, what this process itself has is in use.
    const used = Math.max(usageBytes - reclaimable(), residentBytes())
    rooms.push({
      bytes: limitBytes - used,
      what: `what the container has left of its limit of ${describeBytes(limitBytes)}`,
    })
  }
  return [...rooms, ...addressRoom()]
}

/** Under `ulimit -v`, which V8 does not survive reaching. */
function addressRoom(): Room[] {
  const limit = Number(/^Max address space +(\d+)/m.exec(textOf('/proc/self/limits'))?.[1])
  const mapped = Number(/^VmSize:\s+(\d+) kB$/m.exec(textOf('/proc/self/status'))?.[1]) * 1024
  if (Number.isNaN(limit - mapped)) return []
  const what = `what this process has left of its limit of addresses, ${describeBytes(limit)},`
  return [{ bytes: limit - mapped, what, evenSpilled: true }]
}

/** Free, or held only by caches: Linux tells, elsewhere `freemem` is near enough. */
function availableMemory(): number {
  const found = /^MemAvailable:\s+(\d+) kB$/m.exec(textOf('/proc/meminfo'))
  return found ? Number(found[1]) * 1024 : freemem()
}

/** What this process has in memory. Throws ERR_HEAPSCOPE_IO where no descriptor is left to ask. */
export function residentBytes(): number {
  try {
    return process.memoryUsage.rss()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `it cannot be asked how much memory this process has: ${why}`
    throw new HeapscopeError('ERR_HEAPSCOPE_IO', message, { cause })
  }
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
