import { AssertionError } from 'node:assert'
import { createRequire } from 'node:module'
import { expectNoGrowth, leakMatchers, LeakDetector } from 'heapscope/leaks'
import { afterEach, expect, test } from 'vitest'
import { runFixture } from '../support/fixture.js'

expect.extend(leakMatchers as never)
const assert = expect as unknown as (value: unknown) => any

class Ticket {}
const held = globalThis as { heapscopeHeld?: any }
afterEach(() => {
  delete held.heapscopeHeld
})

const programs = createRequire(__filename)('../fixtures/leak-programs.cjs') as {
  leaking: string[]
  clean: string[]
  found: Record<string, [className: RegExp, path: RegExp]>
}
const growthOf = async (name: string): Promise<{ className: string; path: string }[]> => {
  const { code, stdout, stderr } = await runFixture('growth-program.cjs', [name])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

test('L42: a function that leaks fails, by class, number and path', async () => {
  held.heapscopeHeld = []
  const leaking = (): void => held.heapscopeHeld.push(new Ticket())
  const failure = await expectNoGrowth(leaking, { rounds: 3 }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(AssertionError)
  const { message } = failure as Error
  expect(message).toContain('the heap grew in each of 3 rounds of 10 calls:')
  expect(message).toMatch(
    / {2}Ticket: \+10 a round, \d+ B retained a round, held by global\.heapscopeHeld → Array → \[\d+\] → Ticket/,
  )
  await expect(expectNoGrowth(leaking, { rounds: 3, ignore: ['Ticket'] })).resolves.toBeUndefined()
})

test('L42: the path is of what came, though more of the class was there before', async () => {
  held.heapscopeHeld = { fixed: Array.from({ length: 500 }, () => new Ticket()), leak: [] }
  const leaking = (): void => held.heapscopeHeld.leak.push(new Ticket())
  await expect(expectNoGrowth(leaking, { rounds: 3 })).rejects.toThrow(
    /held by global\.heapscopeHeld → Object\.leak → Array → \[\d+\] → Ticket/,
  )
})

test('L42: one that allocates when it warms up, and only then, passes', async () => {
  const warming = async (): Promise<void> => {
    held.heapscopeHeld ??= Array.from({ length: 1000 }, () => new Ticket())
    await Promise.resolve(new Ticket())
  }
  await assert(warming).toHaveNoGrowth({ rounds: 3 })
})

test('L42: wrong options are refused, and what the scenario throws comes through', async () => {
  for (const ignore of ['Row', [5]]) {
    await expect(expectNoGrowth(() => {}, { ignore: ignore as never })).rejects.toThrow(
      /ignore must/,
    )
  }
  await expect(expectNoGrowth(() => {}, { rounds: 1 })).rejects.toThrow(RangeError)
  await expect(expectNoGrowth(() => {}, { loops: 1 } as never)).rejects.toThrow(TypeError)
  await expect(expectNoGrowth(1 as never)).rejects.toThrow(TypeError)
  const failing = () => Promise.reject(new Error('mine'))
  await expect(expectNoGrowth(failing)).rejects.toThrow('mine')
})

test('matchers know what was collected and what a detector says', async () => {
  const make = () => new WeakRef(new Ticket())
  await assert(make()).toBeCollected()
  held.heapscopeHeld = new Ticket()
  await assert(new WeakRef(held.heapscopeHeld)).not.toBeCollected()
  using detector = await LeakDetector.create()
  assert(detector).toHaveVerdict('ok')
  expect(() => assert(detector).toHaveVerdict('leak')).toThrow('the verdict is ok: too early')
  expect(() => assert({}).toHaveVerdict('ok')).toThrow(TypeError)
})

test.concurrent.each(programs.leaking)(
  'L42: grows in every round: %s',
  async (name) => {
    const [first] = await growthOf(name)
    const [named, held] = programs.found[name]!
    expect(first?.className).toMatch(named)
    expect(first?.path).toMatch(held)
  },
  180_000,
)

test.concurrent(
  'L42: clean ones side by side do not grow',
  async () => {
    expect(await growthOf(programs.clean.join())).toEqual([])
  },
  180_000,
)
