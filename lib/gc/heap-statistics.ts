import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'

/** One of V8's spaces, in bytes. Which there are differs between versions. */
export interface HeapSpace {
  name: string
  size: number
  used: number
  available: number
  physical: number
}

/** V8's figures of this thread's heap under names that stay the same, in bytes unless said. */
export interface HeapStatistics {
  /** Used by objects, dead ones not yet collected included. */
  used: number
  /** Taken from the system for the heap. */
  total: number
  /** Of that, in physical memory. */
  physical: number
  /** What may still be allocated before V8 gives up. */
  available: number
  /** V8's limit; not the container's: see `memoryBreakdown`. */
  limit: number
  /** Outside the heap, but kept by objects in it: buffers above all. */
  external: number
  /** V8's own, from malloc: what its compilers and parsers work with, and its table of strings. */
  malloced: number
  /** The most that compilers and parsers ever had at once. Without the table: may be less. */
  peakMalloced: number
  /** Handles by which native code holds objects. */
  globalHandles: number
  usedGlobalHandles: number
  /** How many there are; a detached one that stays is a leak. */
  nativeContexts: number
  detachedContexts: number
  /** Allocated since the start; null where V8 does not count it (before Node 26). */
  allocated: number | null
  spaces: HeapSpace[]
}

/** Reads V8's figures of this thread. A few microseconds; no pause, no collection. */
export function heapStatistics(): HeapStatistics {
  const heap: ReturnType<typeof getHeapStatistics> & { total_allocated_bytes?: number } =
    getHeapStatistics()
  return {
    used: heap.used_heap_size,
    total: heap.total_heap_size,
    physical: heap.total_physical_size,
    available: heap.total_available_size,
    limit: heap.heap_size_limit,
    external: heap.external_memory,
    malloced: heap.malloced_memory,
    peakMalloced: heap.peak_malloced_memory,
    globalHandles: heap.total_global_handles_size,
    usedGlobalHandles: heap.used_global_handles_size,
    nativeContexts: heap.number_of_native_contexts,
    detachedContexts: heap.number_of_detached_contexts,
    allocated: heap.total_allocated_bytes ?? null,
    spaces: getHeapSpaceStatistics().map((space) => ({
      name: space.space_name,
      size: space.space_size,
      used: space.space_used_size,
      available: space.space_available_size,
      physical: space.physical_space_size,
    })),
  }
}
