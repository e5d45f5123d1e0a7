import { collect } from 'heapscope'
import {
  finalize,
  findSelfHeld,
  flush,
  onError,
  ref,
  weakMethod,
  WeakKeyMap,
  type WeakReference,
} from 'heapscope/weakref'
import { describe, expect, it } from 'vitest'
import { keepAlive, makeAndDrop } from '../support/instances.js'
import { inScope, settle } from '../support/settle.js'
import { Warnings } from '../support/warnings.js'

describe('a callback', () => {
  it('W11: is called once, with its reference, which is dead', async () => {
    const calls: unknown[][] = []
    const kept: WeakReference[] = []
    inScope(() =>
      kept.push(
        ref({}, (reference) => calls.push([reference, reference.deref(), reference.callback])),
      ),
    )
    await settle(() => calls.length > 0)
    expect(calls).toEqual([[kept[0], undefined, undefined]])
  })

  it('W13: of several comes newest first; W14: when all references are dead', async () => {
    const order: number[] = []
    const alive: boolean[] = []
    const kept: WeakReference[] = []
    inScope(() => {
      const target = {}
      for (const i of [0, 1, 2]) {
        kept.push(
          ref(target, () => {
            order.push(i)
            alive.push(...kept.map((each) => each.alive || each.deref() !== undefined))
          }),
        )
      }
      kept.push(ref(target))
    })
    await settle(() => order.length === 3)
    expect(order).toEqual([2, 1, 0])
    expect(new Set(alive)).toEqual(new Set([false]))
  })

  it('W15: is not called when the reference was dropped first', async () => {
    let calls = 0
    const held: { target: object | undefined } = { target: {} }
    inScope(() => void ref(held.target!, () => calls++))
    await settle()
    held.target = undefined
    await settle()
    expect(calls).toBe(0)
  })

  it('W15: is not called when the reference died along with the target', async () => {
    let calls = 0
    makeAndDrop(1000, () => {
      const target: { reference?: object } = {}
      target.reference = ref(target, () => calls++)
    })
    await settle()
    expect(calls).toBe(0)
  })

  it('W17: that throws, or rejects, is reported with its reference; the others are called', async () => {
    const errors: [unknown, object][] = []
    using _ = onError((error, source) => errors.push([error, source]))
    const kept: WeakReference[] = []
    let calls = 0
    inScope(() => {
      const target = {}
      kept.push(
        ref(target, () => calls++),
        ref(target, () => {
          throw new Error('mine')
        }),
        ref(target, async () => {
          throw new Error('later')
        }),
        ref(target, () => calls++),
      )
    })
    await settle(() => errors.length === 2)
    expect(calls).toBe(2)
    const told = errors.map(([error, source]) => [
      (error as Error).message,
      kept.indexOf(source as WeakReference),
    ])
    expect(told).toEqual([
      ['mine', 1],
      ['later', 2],
    ])
  })

  it('W17: that throws while nobody listens is a process warning', async () => {
    using warnings = new Warnings()
    const kept: WeakReference[] = []
    inScope(() =>
      kept.push(
        ref({}, () => {
          throw new Error('unheard')
        }),
      ),
    )
    await settle(() => warnings.list.length > 0)
    expect(warnings.list[0]).toMatchObject({ code: 'HEAPSCOPE_CALLBACK_THREW' })
    expect(warnings.list[0]!.detail).toContain('unheard')
    keepAlive(kept)
  })

  it('W18: that makes references or forces a collection is not entered again', async () => {
    const log: string[] = []
    const kept: object[] = []
    const chain = (depth: number): void => {
      inScope(() =>
        kept.push(
          ref({}, () => {
            log.push(`enter ${depth}`)
            if (depth < 3) chain(depth + 1)
            collect()
            expect(flush()).toBe(0)
            log.push(`leave ${depth}`)
          }),
        ),
      )
    }
    chain(1)
    await settle(() => log.length === 6)
    expect(log).toEqual(['enter 1', 'leave 1', 'enter 2', 'leave 2', 'enter 3', 'leave 3'])
    keepAlive(kept)
  })

  it('W19: waits while the loop is blocked; W21: and is not called again', async () => {
    let calls = 0
    const kept: object[] = []
    await new Promise(setImmediate)
    makeAndDrop(1000, (i) => kept.push(ref({ i }, () => calls++)))
    for (const end = performance.now() + 300; performance.now() < end;) collect('minor')
    expect(calls).toBe(0)
    await settle(() => calls === 1000)
    expect(calls).toBe(1000)
    await settle()
    expect(calls).toBe(1000)
    keepAlive(kept)
  })

  it('is called at once by flush, for tests', async () => {
    let calls = 0
    const kept: object[] = []
    await new Promise(setImmediate)
    makeAndDrop(5, (i) => kept.push(ref({ i }, () => calls++)))
    await new Promise(setImmediate)
    collect()
    const before = calls
    flush()
    expect([before, calls]).toEqual([0, 5])
    expect(flush()).toBe(0)
    keepAlive(kept)
  })
})

describe('a callback that leads to its own target', () => {
  it('W22, W74: keeps it alive, and findSelfHeld names it', async () => {
    let calls = 0
    const kept: object[] = []
    const own = ((): WeakReference => {
      const target = { mine: true }
      return ref(target, () => (calls++, target))
    })()
    const bound = (() => {
      const target = { method() {} }
      return finalize(target, target.method.bind(target))
    })()
    inScope(() => {
      const held = {}
      kept.push(
        held,
        ref(held, () => calls++),
      )
    })
    await settle()
    expect(own.alive).toBe(true)
    expect(bound.peek()).toBeDefined()
    expect(calls).toBe(0)
    const found = await findSelfHeld()
    expect(new Set(found.map(({ source }) => source))).toEqual(new Set([own, bound]))
    expect(found.find(({ source }) => source === own)!.path).toContain('#callback')
    bound.detach()
    keepAlive(kept)
  })

  it('is found though its target is a key of a WeakMap whose value leads to it', async () => {
    const byKey = new WeakKeyMap<object, object>()
    const native = new WeakMap<object, object>()
    const made = ((): object[] => {
      const [a, b, c] = [{ a: 1 }, { b: 1 }, { c: 1, method() {} }]
      byKey.set(a, { a })
      native.set(b, { b })
      return [a, b, c]
        .map((target) => ref(target, () => target))
        .concat(weakMethod(c, c.method.bind(c)) as never)
    })()
    await settle()
    const found = await findSelfHeld()
    expect(found.map(({ source }) => made.indexOf(source)).sort()).toEqual([0, 1, 2])
    for (const { path } of found) expect(path).toContain('#callback')
    keepAlive([byKey, native, made])
  })

  it('is not what only others hold, in WeakMaps too, nor what just was not collected yet', async () => {
    const key = {}
    const others = new WeakMap<object, object>()
    const kept: object[] = []
    inScope(() => {
      const held = { held: 1 }
      others.set(key, [held])
      kept.push(ref(held, () => held))
      kept.push(ref({ garbage: 1 }, () => {}))
    })
    inScope(() => {
      // Nobody holds this reference but its target.
      const island: { reference?: object } = {}
      island.reference = ref(island, () => island)
    })
    expect(await findSelfHeld()).toEqual([])
    keepAlive([key, others, kept])
  })

  it('is held by a WeakMap that only its callback leads to', async () => {
    const key = {}
    const made = ((): WeakReference => {
      const target = {}
      const cache = new WeakMap<object, object>([[key, target]])
      return ref(target, () => cache.get(key))
    })()
    await settle() // the stack may hold it still
    expect((await findSelfHeld()).map(({ source }) => source)).toEqual([made])
    keepAlive([key, made])
  })

  it('is looked for with the options of a capture but those it needs itself', async () => {
    const refused = (options: object) => expect(findSelfHeld(options)).rejects
    await refused({ objects: {} }).toThrow(/^findSelfHeld has no option "objects"/)
    await refused({ keepIds: true }).toThrow(/^findSelfHeld has no option "keepIds"/)
    await refused({ timeoutMS: 1 }).toThrow(
      /option "timeoutMS" of findSelfHeld should be "timeoutMs"/,
    )
    await refused(5 as never).toThrow(/^findSelfHeld takes an options object/)
    expect(await findSelfHeld({ timeoutMs: 60_000 })).toEqual([])
  })
})
