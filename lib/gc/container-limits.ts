import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The memory limit that the container's control group sets. */
export interface ContainerMemory {
  cgroup: 1 | 2
  /** The tightest limit on the way up to the root. */
  limitBytes: number
  /** What the group that sets it uses now, page cache included. */
  usageBytes: number
}

/** cgroup v1 writes "no limit" as the largest multiple of a page below 2^63. */
const noLimit = 2 ** 62

/**
 * The container's memory limit, or null where there is none (or no Linux). `root` is where the file
 * system begins: tests bring their own.
 */
export function containerMemory(root = '/'): ContainerMemory | null {
  const groups = readText(join(root, 'proc/self/cgroup'))
  if (groups === null) return null
  const lines = groups.split('\n').map((line) => line.split(':'))
  const v1 = lines.find(([, controllers]) => controllers?.split(',').includes('memory'))
  if (v1) {
    const mount = join(root, 'sys/fs/cgroup/memory')
    return tightest(1, mount, pathOf(v1), 'memory.limit_in_bytes', 'memory.usage_in_bytes')
  }
  const v2 = lines.find(([hierarchy, controllers]) => hierarchy === '0' && controllers === '')
  if (!v2) return null
  return tightest(2, join(root, 'sys/fs/cgroup'), pathOf(v2), 'memory.max', 'memory.current')
}

/** A limit holds for all below it, so every level counts, up to the mount point. */
function tightest(
  cgroup: 1 | 2,
  mount: string,
  path: string,
  limitFile: string,
  usageFile: string,
): ContainerMemory | null {
  let found: ContainerMemory | null = null
  // Inside a container's own namespace the path may not exist below the mount: its root does.
  const parts = path.split('/').filter((part) => part !== '')
  for (let depth = parts.length; depth >= 0; depth--) {
    const group = join(mount, ...parts.slice(0, depth))
    const limitBytes = readNumber(join(group, limitFile))
    if (limitBytes === null || limitBytes >= noLimit) continue
    if (found && found.limitBytes <= limitBytes) continue
    found = { cgroup, limitBytes, usageBytes: readNumber(join(group, usageFile)) ?? 0 }
  }
  return found
}

/** The path may hold colons itself. */
function pathOf(line: string[]): string {
  return line.slice(2).join(':')
}

function readNumber(file: string): number | null {
  const text = readText(file)?.trim()
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null // not there: no such hierarchy, or no Linux
  }
}
