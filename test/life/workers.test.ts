import { describe, expect, it } from 'vitest'
import { runFixture } from '../support/fixture'

// The program ends by itself with code 0 only if no worker took the process down with it.
describe('200 workers that track, monitor and allocate, each terminated at a random moment', () => {
  const storms = {
    workers: 'with the addon loaded in the workers alone',
    both: 'with the addon loaded in the main thread too',
    copies: 'with two copies of the addon in every thread',
  }
  for (const [where, sentence] of Object.entries(storms)) {
    it(`leave the process alive ${sentence}`, { timeout: 300_000 }, async () => {
      const outcome = await runFixture('worker-storm.cjs', ['200', where])
      // The last line: V8 itself prints something when a worker ends while its first `collect`
      // makes the context that the collector is taken from.
      const stdout = expect.stringMatching(/^200 workers ended\n$/m) as string
      expect(outcome).toMatchObject({ code: 0, signal: null, stdout })
    })
  }
})
