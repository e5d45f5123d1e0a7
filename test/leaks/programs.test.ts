import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { runFixture } from '../support/fixture.js'

const programs = createRequire(__filename)('../fixtures/leak-programs.cjs') as {
  leaking: string[]
  clean: string[]
  found: Record<string, [className: RegExp, path: RegExp]>
}

interface Judgement {
  verdicts: string[]
  verdict: string
  reason: string
  className?: string
  path?: string
}

/** How a detector judges one of the programs, in a process of its own. `npm run check:verdicts` does it often. */
async function judgementOf(name: string, snapshots: number): Promise<Judgement> {
  const { code, stdout, stderr } = await runFixture('judge-program.cjs', [name, `${snapshots}`])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Judgement
}

test.concurrent.each(programs.leaking)(
  'L43: a leak, by its path: %s',
  async (name) => {
    const { verdicts, className, path, reason } = await judgementOf(name, 6)
    expect(verdicts[4], reason).toBe('leak')
    const [named, held] = programs.found[name]!
    expect(className).toMatch(named)
    expect(path).toMatch(held)
  },
  180_000,
)

test.concurrent(
  'L43, L9, L10: clean ones side by side are never a leak, and ok in the end',
  async () => {
    const { verdicts, verdict, reason } = await judgementOf(programs.clean.join(), 7)
    expect(verdict, reason).toBe('ok')
    expect(verdicts).not.toContain('leak')
  },
  180_000,
)
