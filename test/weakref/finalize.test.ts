import { finalize, onError, type Finalizer } from 'heapscope/weakref'
import { describe, expect, it } from 'vitest'
import { keepAlive } from '../support/instances.js'
import { inScope, settle } from '../support/settle.js'

const add = (a: number, b: number, c: number) => a + b + c

describe('a finalizer', () => {
  it('W69: can be looked at and run, once', async () => {
    let calls = 0
    const held: { target?: object } = { target: {} }
    const finalizer = finalize(held.target!, add, 67, 43, 89)
    const counting = finalize(held.target!, () => calls++)
    expect(finalizer.alive).toBe(true)
    inScope(() =>
      expect(finalizer.peek()).toEqual({ target: held.target, fn: add, args: [67, 43, 89] }),
    )
    expect(finalizer.run()).toBe(199)
    expect([finalizer.run(), finalizer.peek(), finalizer.detach()]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(finalizer.alive).toBe(false)
    counting.run()
    delete held.target
    await settle()
    expect(calls).toBe(1)
  })

  it('W70: can be detached, once', async () => {
    let calls = 0
    const finalizer = ((): Finalizer => {
      const target = {}
      const made = finalize(target, () => calls++)
      expect(made.detach()).toMatchObject({ target, args: [] })
      expect([made.detach(), made.alive]).toEqual([undefined, false])
      return made
    })()
    await settle()
    expect([calls, finalizer.run()]).toEqual([0, undefined])
  })

  it('W71: runs, kept by nobody, with its arguments', async () => {
    const told: string[] = []
    inScope(() => void finalize({}, (text: string) => told.push(text), 'extra argument'))
    await settle(() => told.length > 0)
    await settle()
    expect(told).toEqual(['extra argument'])
  })

  it('W71: of one target come newest first', async () => {
    const order: number[] = []
    inScope(() => {
      const target = {}
      for (let i = 0; i < 4; i++) finalize(target, () => order.push(i))
    })
    await settle(() => order.length === 4)
    expect(order).toEqual([3, 2, 1, 0])
  })

  it('W73: that throws is reported; the others run', async () => {
    const errors: [string, unknown][] = []
    using _ = onError((error, source) => errors.push([(error as Error).message, source]))
    const order: number[] = []
    const made: Finalizer[] = []
    inScope(() => {
      const target = {}
      made.push(finalize(target, () => order.push(1)))
      made.push(
        finalize(target, () => {
          throw new Error('mine')
        }),
      )
      made.push(finalize(target, () => order.push(3)))
    })
    await settle(() => order.length === 2)
    expect(order).toEqual([3, 1])
    expect(errors).toEqual([['mine', made[1]]])
    expect(made.map(({ alive }) => alive)).toEqual([false, false, false])
  })

  it('W74: refuses its own target as an argument or function', () => {
    const target = () => {}
    expect(() => finalize(target, (_: unknown) => {}, target)).toThrow(/could never die/)
    expect(() => finalize(target, target)).toThrow(TypeError)
    expect(() => finalize(1 as any, () => {})).toThrow(TypeError)
    expect(() => finalize({}, 1 as any)).toThrow(TypeError)
  })

  it('W75: runs at exit unless told otherwise, which cannot be told the dead', () => {
    const target = {}
    const finalizer = finalize(target, () => {})
    expect(finalizer.atExit).toBe(true)
    finalizer.atExit = false
    expect(finalizer.atExit).toBe(false)
    finalizer.atExit = true
    expect(() => (finalizer.atExit = 1 as any)).toThrow(TypeError)
    finalizer.run()
    expect(finalizer.atExit).toBe(false)
    finalizer.atExit = true
    expect(finalizer.atExit).toBe(false)
    const without = finalize.with({ atExit: false }, target, () => {})
    expect(without.atExit).toBe(false)
    without.detach()
    keepAlive([target])
  })

  it('W81: that is asynchronous is refused, unless it runs before the exit, or not at all', () => {
    const target = {}
    const slow = async () => {}
    expect(() => finalize(target, slow)).toThrow(/beforeExit/)
    expect(() => finalize(target, slow.bind(undefined))).toThrow(/beforeExit/)
    const early = finalize.with({ phase: 'beforeExit' }, target, slow)
    const never = finalize.with({ atExit: false }, target, slow)
    expect(() => (never.atExit = true)).toThrow(/beforeExit/)
    for (const each of [early, never]) each.detach()
    expect(() => finalize.with({ phase: 'later' as any }, target, slow)).toThrow(TypeError)
    expect(() => finalize.with({ atexit: false } as any, target, slow)).toThrow(
      /should be "atExit"/,
    )
    keepAlive([target])
  })
})
