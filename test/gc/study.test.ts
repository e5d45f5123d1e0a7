import { studyCollections } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../support/fixture.js'

describe('the study of what collections cost', () => {
  it('G10: has three rows whose pauses and freed bytes increase with the objects', async () => {
    // In a small heap of its own. The system interrupts, so the shortest pause of some runs; what V8
    // compiles or drops meanwhile is counted with what was freed, both ways, so its median.
    const outcome = await runProgram(`
      const { studyCollections } = require('heapscope')
      const runs = Array.from({ length: 7 }, () => studyCollections())
      const sorted = (row, field) => runs.map((rows) => rows[row][field]).sort((a, b) => a - b)
      console.log(JSON.stringify(runs[0].map(({ objects }, row) =>
        ({ objects, pauseMs: sorted(row, 'pauseMs')[0], freedBytes: sorted(row, 'freedBytes')[3] }))))`)
    const rows: ReturnType<typeof studyCollections> = JSON.parse(outcome.stdout)
    expect(rows.map(({ objects }) => objects)).toEqual([1_000, 10_000, 100_000])
    const [small, middle, large] = rows
    expect(small!.pauseMs).toBeGreaterThan(0)
    expect(large!.pauseMs).toBeGreaterThan(small!.pauseMs)
    expect(middle!.freedBytes).toBeGreaterThan(small!.freedBytes)
    expect(large!.freedBytes).toBeGreaterThan(middle!.freedBytes)
  })

  it('frees at least the two fields of every object', () => {
    const [row] = studyCollections({ sizes: [200_000] })
    expect(row!.freedBytes).toBeGreaterThan(200_000 * 2 * 8)
  })

  it('takes its sizes and the share of cross-links from the caller', () => {
    const rows = studyCollections({ sizes: [10, 20], crossLinks: 1 })
    expect(rows.map(({ objects }) => objects)).toEqual([10, 20])
    expect(studyCollections({ sizes: [] })).toEqual([])
  })

  it.each([
    [{ sizes: [0] }, RangeError, /sizes must be a whole number/],
    [{ sizes: [1.5] }, RangeError, /sizes/],
    [{ sizes: ['10'] }, TypeError, /sizes must be a number/],
    [{ crossLinks: 1.1 }, RangeError, /crossLinks must be from 0 to 1/],
    [{ crossLinks: NaN }, RangeError, /crossLinks/],
    [{ crosslinks: 0.1 }, TypeError, /should be "crossLinks"/],
    [null, TypeError, /takes an options object/],
  ])('refuses %j', (options: any, type, message) => {
    expect(() => studyCollections(options)).toThrow(type)
    expect(() => studyCollections(options)).toThrow(message)
  })
})
