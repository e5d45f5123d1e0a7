import { expect, describe, it } from 'vitest'
import { runProgram } from '../support/fixture.js'

/**
 * Runs `body` in a process of its own after a warm-up; gives what its resident memory grew by. The
 * young generation is kept small: it grows when V8 likes.
 */
async function growthOf(warmUp: string, body: string): Promise<{ grownMb: number; stats: any }> {
  const program = `
    const { trackClass, tracker, collect, untrackClass } = require('heapscope')
    const rss = () => { for (let i = 0; i < 3; i++) collect(); return process.memoryUsage().rss }
    class Short { constructor(i) { this.i = i } }
    const Tracked = trackClass(Short)
    function make(count) { let sum = 0; for (let i = 0; i < count; i++) sum += new Tracked(i).i }
    ${warmUp}
    const before = rss()
    ${body}
    const grownMb = (rss() - before) / 2 ** 20
    console.log(JSON.stringify({ grownMb, stats: tracker.stats(Tracked) }))
  `
  const { code, stdout, stderr } = await runProgram(program, ['--max-semi-space-size=2'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as { grownMb: number; stats: any }
}

describe('memory of the addon', () => {
  it('is where it was after 100 million short-lived instances', { timeout: 240_000 }, async () => {
    const { grownMb, stats } = await growthOf('make(2e6)', 'make(1e8)')
    expect(stats).toMatchObject({ created: 102e6, collected: 102e6, live: 0, liveStdError: 0 })
    // A byte each would be 95 MB.
    expect(grownMb).toBeLessThan(16)
  })

  it('is constant over a million cycles of creation and collection of closable instances', async () => {
    const { grownMb, stats } = await growthOf(
      'Short.prototype.close = function () {}; trackClass(Short); make(2e4)',
      'for (let i = 0; i < 50; i++) { make(2e4); collect() }',
    )
    expect(stats).toMatchObject({ created: 102e4, live: 0 })
    expect(stats.collectedUnclosed).toBe(102e4)
    expect(grownMb).toBeLessThan(16)
  })

  it('is bounded by `handles` with a million live instances', async () => {
    const hold = 'Array.from({ length: 1e6 }, (_, i) => new Tracked(i))'
    const { grownMb: tracked, stats } = await growthOf('', `globalThis.held = ${hold}`)
    const { grownMb: plain } = await growthOf('untrackClass(Short)', `globalThis.held = ${hold}`)
    expect(stats.followed).toBeLessThanOrEqual(16_384)
    // 65,536 × 64 bytes are 4 MB; following each of the million would be 60 MB.
    expect(tracked - plain).toBeLessThan(30)
  })
})
