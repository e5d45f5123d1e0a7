import { readdirSync, readFileSync } from 'node:fs'

interface ProcessFacts {
  pid: number
  name: string
  state: string
  parent: number
}

/** The children of a process that are twins, or were: zombies have kept their name. */
export function twinsOf(parent: number = process.pid): ProcessFacts[] {
  return processes().filter((one) => one.parent === parent && one.name === 'heapscope-twin')
}

/** Every child of a process, whatever it is. */
export function childrenOf(parent: number = process.pid): ProcessFacts[] {
  return processes().filter((one) => one.parent === parent)
}

export function isAlive(pid: number): boolean {
  return processes().some((one) => one.pid === pid && one.state !== 'Z')
}

function processes(): ProcessFacts[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const called = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
      return [{ pid: Number(name), name: called, state: state!, parent: Number(parent) }]
    } catch {
      return [] // it ended meanwhile
    }
  })
}

interface Advised {
  begin: number
  end: number
  readable: boolean
  /** A fork leaves it out. */
  leftOut: boolean
}

/** Which private memory without a file this process has, and what the kernel was told about it. */
export function memoryAdvice(): Advised[] {
  const mappings = readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
  return mappings.flatMap((text) => {
    const [, begin, end, read] = /^([0-9a-f]+)-([0-9a-f]+) (.)..p \S+ \S+ 0 /.exec(text) ?? []
    if (begin === undefined) return []
    const leftOut = /^VmFlags:.* dc/m.test(text)
    return [
      { begin: parseInt(begin, 16), end: parseInt(end!, 16), readable: read === 'r', leftOut },
    ]
  })
}

/** Bytes mapped both times that a fork leaves out both times, only before, or only after. */
export function compareAdvice(before: Advised[], after: Advised[]) {
  let [stillLeftOut, nowCopied, nowLeftOut] = [0, 0, 0]
  for (const one of before) {
    for (const other of after) {
      const bytes = Math.min(one.end, other.end) - Math.max(one.begin, other.begin)
      if (bytes <= 0) continue
      if (one.leftOut && other.leftOut) stillLeftOut += bytes
      if (one.leftOut && !other.leftOut) nowCopied += bytes
      if (!one.leftOut && other.leftOut) nowLeftOut += bytes
    }
  }
  return { stillLeftOut, nowCopied, nowLeftOut }
}
