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

/** How many of this process's mappings a fork leaves out. */
export function leftOutMappings(): number {
  return readFileSync('/proc/self/smaps', 'utf8').match(/^VmFlags:.* dc/gm)?.length ?? 0
}
