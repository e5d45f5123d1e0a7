import { collect } from 'heapscope'
import {
  finalize,
  isWeakProxy,
  ref,
  sameTarget,
  weakMethod,
  weakProxy,
  weakRefCount,
  weakRefs,
  WeakKeyMap,
  WeakValueMap,
} from 'heapscope/weakref'
import { describe, expect, it } from 'vitest'
import { keepAlive } from '../support/instances.js'
import { inScope, settle } from '../support/settle.js'

describe('weakRefCount and weakRefs', () => {
  it('W23: count references and proxies, with callback and without, until they were dropped', async () => {
    const target = {}
    inScope(() => {
      const kept = [
        ref(target),
        ref(target, () => {}),
        weakProxy(target),
        weakProxy(target, () => {}),
      ]
      expect(weakRefCount(target)).toBe(4)
      expect(weakRefs(target)).toHaveLength(4)
      weakRefs(target).forEach((each, i) => expect(each === kept[i]).toBe(true))
    })
    await settle(() => weakRefCount(target) === 0)
    expect(weakRefCount(target)).toBe(0)
    expect(weakRefs(target)).toEqual([])
  })

  it('W25: give exactly those that were not dropped', async () => {
    const target = {}
    const kept: object[] = []
    inScope(() => {
      ref(target, () => {})
      kept.push(ref(target, () => {}))
    })
    await settle(() => weakRefCount(target) === 1)
    expect(weakRefs(target)).toEqual(kept)
  })

  it('W26: count a value of a WeakValueMap once, a key of a WeakKeyMap, a finalizer', () => {
    const values = Array.from({ length: 10 }, (_, i) => ({ i }))
    const map = new WeakValueMap(values.map((value, i) => [i, value]))
    for (const value of values) expect(weakRefCount(value)).toBe(1)
    const keys = new WeakKeyMap([[values[0]!, 1]])
    const finalizer = finalize(values[0]!, () => {})
    expect(weakRefCount(values[0])).toBe(3)
    expect(weakRefs(values[0])).toEqual([finalizer])
    finalizer.detach()
    keepAlive(map, keys)
  })

  it('give nothing of what cannot be held weakly', () => {
    for (const value of [1, 's', null, undefined, Symbol.for('x')]) {
      expect(weakRefCount(value)).toBe(0)
      expect(weakRefs(value)).toEqual([])
    }
  })
})

describe('sameTarget', () => {
  it('W39: sees through proxies, references and methods, and is false of the dead', async () => {
    const target = { some() {} }
    const proxy = weakProxy(target)
    expect(proxy === target).toBe(false)
    expect(isWeakProxy(proxy)).toBe(true)
    expect(isWeakProxy(new Proxy({}, {}))).toBe(false)
    for (const each of [target, ref(target), weakMethod(target, 'some'), ref(target, () => {})]) {
      expect(sameTarget(proxy, each)).toBe(true)
    }
    expect(sameTarget(proxy, {})).toBe(false)
    expect(sameTarget(1, 1)).toBe(false)
    const [a, b] = (() => {
      const dying = {}
      return [ref(dying), weakProxy(dying)]
    })()
    await settle(() => !(a as { alive: boolean }).alive)
    collect()
    expect(sameTarget(a, b)).toBe(false)
  })
})
