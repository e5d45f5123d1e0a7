import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { native } from '../native.js'
import { containerMemory, type ContainerMemory } from './container-limits.js'
import { heapStatistics, type HeapSpace } from './heap-statistics.js'

/** Why rss is not the heap: where a process's memory is, in bytes. */
export interface MemoryBreakdown {
  /** What the process has in physical memory, all threads together. */
  rss: number
  /** Of rss: private memory, pages of mapped files (code, mostly), shared memory. null off Linux. */
  anonymous: number | null
  mappedFiles: number | null
  sharedMemory: number | null
  /** This thread's JavaScript heap: in physical memory, in use, and by space. */
  heap: { physical: number; used: number; spaces: HeapSpace[] }
  /** Memory outside the heap that objects keep; of that, the contents of buffers. */
  external: number
  arrayBuffers: number
  /** What V8 itself took from malloc. */
  v8Malloc: number
  /** The C library's allocator, buffers and `v8Malloc` included; null where it does not tell. */
  malloc: {
    inUse: number
    /** Freed by the program, but kept by the allocator: rss that no object explains. */
    freeRetained: number
    /** Large blocks, each with a mapping of its own. */
    mapped: number
  } | null
  /** Generated machine code: V8's code spaces. */
  code: number
  /** rss that none of the above explains: stacks, other threads' heaps, native libraries' own. */
  unexplained: number
  limits: {
    /** V8's limit of this heap. */
    heap: number
    /** The container's; null when there is none. Where it is below `heap`, the kernel kills first. */
    container: ContainerMemory | null
    system: number
  }
}

/**
 * Says where the process's memory is. Reads a few small files and walks the allocator's free lists:
 * a fraction of a millisecond as a rule; no collection.
 */
export function memoryBreakdown(): MemoryBreakdown {
  const usage = process.memoryUsage()
  const heap = heapStatistics()
  const kernel = kernelView()
  const mallocFacts = native.mallocFacts()
  const malloc = mallocFacts
    ? { inUse: mallocFacts[0]!, freeRetained: mallocFacts[1]!, mapped: mallocFacts[2]! }
    : null
  const allocator = malloc
    ? malloc.inUse + malloc.freeRetained + malloc.mapped
    : usage.external + heap.malloced
  const explained = heap.physical + allocator + (kernel?.mappedFiles ?? 0)
  return {
    rss: usage.rss,
    anonymous: kernel?.anonymous ?? null,
    mappedFiles: kernel?.mappedFiles ?? null,
    sharedMemory: kernel?.sharedMemory ?? null,
    heap: { physical: heap.physical, used: heap.used, spaces: heap.spaces },
    external: usage.external,
    arrayBuffers: usage.arrayBuffers,
    v8Malloc: heap.malloced,
    malloc,
    code: heap.spaces
      .filter(({ name }) => name.startsWith('code'))
      .reduce((sum, { physical }) => sum + physical, 0),
    unexplained: Math.max(0, usage.rss - explained),
    limits: { heap: heap.limit, container: containerMemory(), system: totalmem() },
  }
}

function kernelView() {
  if (process.platform !== 'linux') return null
  const status = readFileSync('/proc/self/status', 'utf8')
  const bytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024
  return {
    anonymous: bytes('RssAnon'),
    mappedFiles: bytes('RssFile'),
    sharedMemory: bytes('RssShmem'),
  }
}
