import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { runFixture } from '../support/fixture.js'

const programs = createRequire(__filename)('../fixtures/leak-programs.cjs') as {
  leaking: string[]
  clean: string[]
}

interface Judgement {
  verdicts: string[]
  verdict: string
  reason: string
  className?: string
  path?: string
}

/** How a detector judges one of the programs, in a process of its own. */
async function judgementOf(name: string): Promise<Judgement> {
  const { code, stdout, stderr } = await runFixture('judge-program.cjs', [name, '7'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Judgement
}

const where: Record<string, [classNames: string, path: RegExp]> = {
  'leaking listener': ['Order', /^global\.prices → EventEmitter\._events .* Order$/],
  'growing Map cache': ['Row', /^global\.cache → Map → \[\d+\] → Row$/],
  'closure over a large scope': [
    'Array|Function',
    /^global\.handlers → Array → \[\d+\] → function/,
  ],
  'forgotten timer': ['Timeout', /→ Timeout$/],
  'unbounded array': ['Array', /^global\.samples → Array$/],
  'detached tree': ['TreeNode', /^global\.removed → Array → .*TreeNode$/],
  'promise that never settles': ['Generator', /^global\.waiting → Set → .*Promise/],
}

test.concurrent.each(programs.leaking)(
  'L43: a %s is judged a leak, by its path',
  async (name) => {
    const { verdicts, className, path, reason } = await judgementOf(name)
    expect(verdicts.slice(4), reason).toEqual(['leak', 'leak'])
    const [named, held] = where[name]!
    expect(named.split('|')).toContain(className)
    expect(path).toMatch(held)
  },
  180_000,
)

test.concurrent.each(programs.clean)(
  'L43, L9, L10: a %s is not',
  async (name) => {
    const { verdicts, verdict, reason } = await judgementOf(name)
    expect(verdict, reason).toBe('ok')
    expect(verdicts).not.toContain('leak')
  },
  180_000,
)
