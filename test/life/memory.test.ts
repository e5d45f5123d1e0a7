import { describe, expect, it } from 'vitest'
import { runProgram } from '../support/fixture'

/**
 * By how many bytes what malloc has handed out grows while `make` is called 400,000 times. Not rss: the
 * heap's own size moves by megabytes.
 */
async function grownBy(make: string): Promise<number> {
  const { stdout, stderr } = await runProgram(`
      const { trackClass, tracker, monitorGc, collect, memoryBreakdown } = require('heapscope')
      const monitor = monitorGc()
      const Plain = trackClass(class Plain {}, { handles: 4096 })
      const Closable = trackClass(class Closable { close() {} }, { handles: 4096, sites: 10 })
      tracker.onUnclosed(() => {})
      const entries = new WeakMap()
      const cycle = () => {
        for (let i = 0; i < 5000; i++) ${make}
        collect('minor')
        tracker.allStats()
      }
      // The least of some readings: V8's own threads borrow memory while they work.
      const handedOut = async () => {
        const readings = []
        while (readings.length < 5) {
          await delay(20)
          collect()
          const { malloc, v8Malloc } = memoryBreakdown()
          readings.push(malloc.inUse + malloc.mapped - v8Malloc)
        }
        return Math.min(...readings)
      }
      const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
      const turn = () => new Promise((resolve) => setImmediate(resolve))
      void (async () => {
        const after = {}
        for (let round = 1; round <= 100; round++) {
          cycle()
          await turn()
          if (round === 20 || round === 100) after[round] = await handedOut()
        }
        console.log(after[100] - after[20])
      })()`)
  expect(stderr).toBe('')
  return Number(stdout)
}

describe('the memory of the addon itself', () => {
  // A leak of one byte for each would show.
  it('is the same after half a million instances were made and collected as after a hundred thousand', async () => {
    expect(await grownBy('new Plain()')).toBeLessThan(400_000)
  })

  // V8 of Node 24 keeps up to 2 MB of its own of a WeakMap that is used so.
  it('is so for those with a close, beside what V8 keeps of an entry for each', async () => {
    const ofEntries = await grownBy('entries.set({ i }, { id: i, bornMs: i + 0.5, slot: i })')
    expect(await grownBy('new Closable()')).toBeLessThan(ofEntries + 400_000)
  })
})
