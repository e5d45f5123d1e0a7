import { writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { captureHeap, readHeapSnapshot, type HeapGraph } from 'heapscope'
import { expect, test } from 'vitest'
import { graphOf, scratchDirectory } from '../support/snapshots.js'

const scratch = scratchDirectory()

const planting = `
  class Pair { constructor() { this.other = undefined } }
  class Alone { constructor() { this.self = this } }
  globalThis.pairs = []
  for (let i = 0; i < 5000; i++) {
    const a = new Pair(), b = new Pair()
    a.other = b
    b.other = a
    pairs.push(a)
  }
  globalThis.alone = [new Alone(), new Alone(), new Alone()]
  require('node:v8').writeHeapSnapshot(process.argv[2])
`

test('of 5,000 planted cycles exactly these are found for their class', async () => {
  const program = scratch('plant.cjs')
  const file = scratch('planted.heapsnapshot')
  writeFileSync(program, planting)
  execFileSync(process.execPath, [program, file])
  const graph = await readHeapSnapshot(file)

  const cycles = await graph.cycles({ className: 'Pair', limit: Infinity })
  expect(cycles).toHaveLength(5000)
  for (const { pattern, size, members, selfReference } of cycles) {
    expect({ pattern, size, selfReference }).toEqual({
      pattern: 'Pair ↔ Pair',
      size: 2,
      selfReference: false,
    })
    expect(members.map(({ className }) => className)).toEqual(['Pair', 'Pair'])
  }
  expect(new Set(cycles.flatMap(({ members }) => members.map(({ id }) => id))).size).toBe(10_000)

  const alone = await graph.cycles({ className: 'Alone' })
  expect(alone.map(({ pattern, selfReference }) => [pattern, selfReference])).toEqual(
    Array(3).fill(['Alone ↔ itself', true]),
  )
})

test('a cycle tells what it retains, and by how many references it is held', async () => {
  const graph = await graphOf(`
    a: A 10
    b: B 20
    c: C 30
    load: Load 1000
    root => global
    global .a a
    global .list List
    List [0] b
    a .next b
    b .next c
    c .next a
    c .load load
  `)
  const [cycle, ...others] = await graph.cycles()
  expect(others).toEqual([])
  expect(cycle).toMatchObject({ size: 3, pattern: 'A ↔ B ↔ C', retainedSize: 1060, heldBy: 2 })
})

test('those that retain most come first, and the limit cuts the rest', async () => {
  const lines = ['root => global']
  for (let i = 1; i <= 10; i++) {
    lines.push(`a${i}: A 16`, `b${i}: B ${i * 100}`, `global [${i}] a${i}`)
    lines.push(`a${i} .b b${i}`, `b${i} .a a${i}`)
  }
  const graph = await graphOf(lines.join('\n'))
  const cycles = await graph.cycles({ limit: 3 })
  expect(cycles.map(({ retainedSize }) => retainedSize)).toEqual([1016, 916, 816])
})

test('what refers to each other only through V8 itself is no cycle', async () => {
  const graph = await graphOf(`
    map: hidden/system / Map 80
    root => global
    global .a A
    A :map map
    map :constructor F
    F .prototype P
    P .constructor F
    A .__proto__ P
    A ~weak B
    B .a A
    global .b B
  `)
  expect(await graph.cycles()).toEqual([])
})

test('of a large cycle only so many members are listed', async () => {
  const lines = ['root => global', 'global .first n0']
  for (let i = 0; i < 500; i++) lines.push(`n${i}: Link 8`)
  for (let i = 0; i < 500; i++) lines.push(`n${i} .next n${(i + 1) % 500}`)
  const graph = await graphOf(lines.join('\n'))
  const [cycle] = await graph.cycles({ maxMembers: 10 })
  expect(cycle!.size).toBe(500)
  expect(cycle!.members).toHaveLength(10)
  expect(cycle!.pattern).toBe('Link ×500')
})

test('one reference from outside counts as one, wherever V8 keeps it', async () => {
  class Ring {
    next?: Ring
    static of(size: number): Ring {
      const all = Array.from({ length: size }, () => Object.assign(new Ring(), { own: {} }))
      // Properties beyond those in the object: a backing store for each.
      for (const [i, each] of all.entries()) {
        for (let k = 0; k < 20; k++) Object.assign(each, { [`extra${k}`]: all[(i + 1) % size] })
        each.next = all[(i + 1) % size]!
      }
      return all[0]!
    }
  }
  class Chain extends Ring {}
  class InGlobal extends Ring {}
  const held = { ring: Ring.of(10), list: [Object.assign(new Chain(), { self: {} })] }
  Object.assign(held.list[0]!, { self: held.list[0] })
  const plant = () => {
    const planted = Object.assign(new InGlobal(), { self: {} })
    Object.assign(globalThis, { inGlobal: Object.assign(planted, { self: planted }) })
  }
  plant()
  const heldBy = async (graph: HeapGraph, className: string) =>
    (await graph.cycles({ className })).map((cycle) => cycle.heldBy)
  await new Promise((resolve) => setImmediate(resolve))
  const graph = await captureHeap()
  expect(await heldBy(graph, 'Ring')).toEqual([1])
  expect(await heldBy(graph, 'Chain')).toEqual([1])
  expect(await heldBy(graph, 'InGlobal')).toEqual([1])
  delete (globalThis as { inGlobal?: object }).inGlobal
  expect(held.list).toHaveLength(1)
})

test('a pattern counts members that are not listed', async () => {
  const lines = ['root => global', 'global .parent p', 'p: Parent 8']
  for (let i = 0; i < 100; i++) lines.push(`k${i}: Kid 8`, `p [${i}] k${i}`, `k${i} .parent p`)
  const graph = await graphOf(lines.join('\n'))
  const [cycle] = await graph.cycles({ maxMembers: 3 })
  expect(cycle!.pattern).toBe('Kid ×100, Parent ×1')
})
