import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeapGraph, readHeapSnapshot } from 'heapscope'
import { afterAll, beforeAll } from 'vitest'
import { heap, snapshotText, type FileOptions, type Heap } from './heap-dsl.js'

/** A directory for the tests of a file, and away with it afterwards. */
export function scratchDirectory(): (name: string) => string {
  let directory = ''
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'heapscope-'))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  return (name) => join(directory, name)
}

/** The graph of a described heap. */
export async function graphOf(described: Heap | string, options?: FileOptions): Promise<HeapGraph> {
  const text = snapshotText(typeof described === 'string' ? heap(described) : described, options)
  return readHeapSnapshot([text])
}

export function writeSnapshot(file: string, described: Heap | string): string {
  writeFileSync(file, snapshotText(typeof described === 'string' ? heap(described) : described))
  return file
}

/** What this Node's V8 writes of a heap with something of everything. */
export function writeRichSnapshot(file: string): string {
  execFileSync(process.execPath, [join(__dirname, 'rich-heap.mjs'), file])
  return file
}

/** The same numbers every time. */
export function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
