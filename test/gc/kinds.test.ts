import { collect, monitorGc } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { byKind, gcKinds } from '../../dist/gc/kinds.js'
import { readTotals } from '../../dist/gc/totals.js'
import { runProgram } from '../support/fixture.js'
import { beginUnmarked } from '../support/unmarked.js'

beginUnmarked()

const names = [
  'scavenge',
  'minor-mark-sweep',
  'mark-sweep-compact',
  'incremental-marking',
  'weak-callbacks',
]

/** Prints the counts by kind of a program that fills its heap, part of which stays. */
const filling = `
  const monitor = require('heapscope').monitorGc()
  const held = []
  for (let i = 0; i < 3e6; i++) {
    const made = { number: [i] }
    if (i % 3 === 0) held.push(made)
  }
  const counts = Object.entries(monitor.stats()).map(([kind, { count }]) => [kind, count])
  console.log(JSON.stringify({ ...Object.fromEntries(counts), held: held.length }))`

describe('the kinds of collection', () => {
  it('are five, in the order of the addon', () => {
    expect(gcKinds).toEqual(names)
    expect(byKind((kind, i) => `${i} ${kind}`)['mark-sweep-compact']).toBe('2 mark-sweep-compact')
  })

  it('each have their figures in the statistics of a monitor', () => {
    using monitor = monitorGc()
    const stats = monitor.stats()
    expect(Object.keys(stats)).toEqual(names)
    for (const kind of Object.values(stats)) {
      expect(Object.keys(kind)).toEqual(['count', 'totalMs', 'maxMs', 'reclaimedBytes'])
    }
  })

  it('are told apart: a minor collection is a scavenge, a major one a mark-sweep', () => {
    using monitor = monitorGc()
    for (let i = 0; i < 3; i++) collect('minor')
    for (let i = 0; i < 2; i++) collect('major')
    const forced = monitor.events().filter((event) => event.forced)
    expect(forced.filter(({ kind }) => kind === 'scavenge')).toHaveLength(3)
    expect(forced.filter(({ kind }) => kind === 'mark-sweep-compact')).toHaveLength(2)
  })

  it('include the start of incremental marking, which a growing heap brings about', async () => {
    const counts = JSON.parse((await runProgram(filling)).stdout)
    expect(counts.scavenge).toBeGreaterThan(0)
    expect(counts['incremental-marking']).toBeGreaterThan(0)
    expect(counts['minor-mark-sweep']).toBe(0)
  })

  it('include minor mark-sweeps where V8 is told to use them for scavenges', async () => {
    const flag = process.version.startsWith('v20.') ? '--minor-mc' : '--minor-ms'
    const counts = JSON.parse((await runProgram(filling, [flag])).stdout)
    expect(counts['minor-mark-sweep']).toBeGreaterThan(0)
    expect(counts.scavenge).toBe(0)
  })

  it('have count, times in milliseconds and bytes in what the addon hands over', () => {
    const totals = readTotals(Float64Array.from({ length: 20 }, (_, i) => (i + 1) * 1e6))
    expect(totals.scavenge).toEqual({
      count: 1e6,
      totalMs: 2,
      maxMs: 3,
      reclaimedBytes: 4e6,
    })
    expect(totals['weak-callbacks']).toMatchObject({ count: 17e6, totalMs: 18, maxMs: 19 })
  })
})
