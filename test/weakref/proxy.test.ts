import { inspect } from 'node:util'
import { DeadReferenceError, ref, weakProxy } from 'heapscope/weakref'
import { describe, expect, it } from 'vitest'
import { keepAlive } from '../support/instances.js'
import { inScope, settle } from '../support/settle.js'

describe('a weak proxy', () => {
  it('W27: shows what is set, changed and deleted on either side', () => {
    const target: { foo?: number } = {}
    const proxy = weakProxy(target)
    proxy.foo = 1
    expect(target.foo).toBe(1)
    target.foo = 2
    expect(proxy.foo).toBe(2)
    delete proxy.foo
    expect('foo' in target).toBe(false)
    target.foo = 3
    delete target.foo
    expect(proxy.foo).toBeUndefined()
    expect('foo' in proxy).toBe(false)
    Object.defineProperty(proxy, 'foo', { value: 4, configurable: true, enumerable: true })
    expect(target.foo).toBe(4)
    expect(Object.keys(proxy)).toEqual(['foo'])
    expect({ ...proxy }).toEqual({ foo: 4 })
  })

  it('W29: of an array is one: length, writes, iteration, in, spread, JSON', () => {
    class List extends Array<number> {
      sum(): number {
        return this.reduce((a, b) => a + b, 0)
      }
    }
    const target = new List(1, 2, 3)
    const proxy = weakProxy(target)
    expect(Array.isArray(proxy)).toBe(true)
    expect(proxy).toBeInstanceOf(List)
    proxy[3] = 4
    proxy.push(5)
    expect([proxy.length, target.length]).toEqual([5, 5])
    expect([...proxy]).toEqual([1, 2, 3, 4, 5])
    expect(3 in proxy && !(9 in proxy)).toBe(true)
    expect(proxy.sum()).toBe(15)
    expect(JSON.stringify(proxy)).toBe('[1,2,3,4,5]')
    proxy.length = 1
    expect(target).toHaveLength(1)
    expect(Object.getOwnPropertyNames(proxy)).toEqual(['0', 'length'])
    keepAlive(target)
  })

  it('W30: of a function or class is called and constructed; errors are its own', () => {
    const greet = function (this: unknown, name: string): unknown {
      return [this, name]
    }
    const proxy = weakProxy(greet)
    expect(proxy.call('me', 'x')).toEqual(['me', 'x'])
    expect(typeof proxy).toBe('function')
    class Point {
      #x: number
      constructor(x: number) {
        if (typeof x !== 'number') throw new RangeError('no x')
        this.#x = x
      }
      get x(): number {
        return this.#x
      }
    }
    const Weak = weakProxy(Point)
    const point = new Weak(3)
    expect([point.x, point instanceof Point, point instanceof Weak, Weak.name]).toEqual([
      3,
      true,
      true,
      'Point',
    ])
    expect(() => new Weak('3' as any)).toThrow(RangeError)
    expect(() => (Weak as any)(3)).toThrow(TypeError)
    const arrow = () => 1
    expect(() => new (weakProxy(arrow) as any)()).toThrow(TypeError)
    keepAlive([greet, Point, arrow])
  })

  it('W31: of anything else is an object that cannot be called', () => {
    const target = {}
    const proxy = weakProxy(target)
    expect(typeof proxy).toBe('object')
    expect(() => (proxy as any)()).toThrow(TypeError)
    for (const value of [1, 'x', null, undefined, Symbol('s')]) {
      expect(() => weakProxy(value as any)).toThrow(TypeError)
    }
    expect(() => weakProxy(target, 1 as any)).toThrow(TypeError)
  })

  it('lets methods reach private members and internal slots', () => {
    class Account {
      #balance = 5
      add(n: number): this {
        this.#balance += n
        return this
      }
      get balance(): number {
        return this.#balance
      }
    }
    const account = new Account()
    const proxy = weakProxy(account)
    proxy.add(2)
    expect(proxy.balance).toBe(7)
    expect(proxy.add).toBe(proxy.add)
    expect(proxy.constructor).toBe(Account)
    const map = new Map([[1, 2]])
    const date = new Date(0)
    expect([weakProxy(map).get(1), weakProxy(map).size, weakProxy(date).getTime()]).toEqual([
      2, 1, 0,
    ])
    keepAlive([account, map, date])
  })

  it('cannot promise that something stays, and says so before anything is changed', () => {
    const target = { a: 1 }
    const proxy = weakProxy(target)
    expect(() => Object.freeze(proxy)).toThrow(/weak proxy cannot promise/)
    expect(() => Object.defineProperty(proxy, 'b', { value: 1 })).toThrow(
      /weak proxy cannot promise/,
    )
    expect(Object.isExtensible(target)).toBe(true)
    Object.freeze(target)
    expect(Object.getOwnPropertyDescriptor(proxy, 'a')).toMatchObject({ writable: false, value: 1 })
    expect(Object.keys(proxy)).toEqual(['a'])
    expect(() => (proxy.a = 2)).toThrow(TypeError)
  })

  it('may be inherited from: what inherits is the receiver', () => {
    class Base {
      static count = 0
      static get who(): string {
        return this.name
      }
      kept: unknown
      static of(): unknown {
        return this
      }
    }
    class Derived extends weakProxy(Base) {}
    Derived.count = 5
    expect([Base.count, Object.hasOwn(Derived, 'count')]).toEqual([0, true])
    expect([Derived.who, Derived.of() === Derived]).toEqual(['Derived', true])
    expect(new Derived()).toBeInstanceOf(Base)

    const base = {
      a: 1,
      get me(): unknown {
        return this
      },
      set b(value: unknown) {
        this.a = value as number
      },
    }
    const proxy = weakProxy(base)
    const heir = Object.create(proxy) as typeof base
    heir.b = 2
    expect([base.a, heir.a, Object.keys(heir)]).toEqual([1, 2, ['a']])
    expect([heir.me === heir, proxy.me === base]).toEqual([true, true])
    const other = {}
    Reflect.set(proxy, 'a', 3, other)
    expect([base.a, other]).toEqual([1, { a: 3 }])
    keepAlive([Base, base])
  })

  it('of an array whose length is fixed shows it so, and the rest', () => {
    for (const fixed of [Object.freeze(['a']), Object.seal(['a'])]) {
      const proxy = weakProxy(fixed)
      expect(Object.assign({}, proxy)).toEqual({ 0: 'a' })
      expect(Object.keys(proxy)).toEqual(['0'])
      expect(Object.hasOwn(proxy, 'length')).toBe(true)
      const { length, 0: first } = Object.getOwnPropertyDescriptors(proxy)
      expect(length).toEqual(Object.getOwnPropertyDescriptor(fixed, 'length'))
      expect(first).toMatchObject({ value: 'a', configurable: true })
      expect([...proxy, proxy.length]).toEqual(['a', 1])
    }
    const frozen = weakProxy(Object.freeze([1, 2])) as number[]
    expect(() => (frozen.length = 0)).toThrow(TypeError)
    expect(() => frozen.push(3)).toThrow(TypeError)
  })

  it('can fix the length of its array', () => {
    const target = [1, 2, 3]
    const proxy = weakProxy(target)
    Object.defineProperty(proxy, 'length', { value: 2 })
    expect(target).toEqual([1, 2])
    Object.defineProperty(proxy, 'length', { writable: false })
    const fixed = { value: 2, writable: false, enumerable: false, configurable: false }
    expect(Object.getOwnPropertyDescriptor(target, 'length')).toEqual(fixed)
    expect(Object.getOwnPropertyDescriptor(proxy, 'length')).toEqual(fixed)
    expect(() => proxy.push(3)).toThrow(TypeError)
    expect(Reflect.defineProperty(proxy, 'length', { value: 1 })).toBe(false)
    proxy[0] = 7
    expect([...proxy]).toEqual([7, 2])
    keepAlive(target)
  })

  it('without a callback is the same for one target', () => {
    const target = {}
    expect(weakProxy(target) === weakProxy(target)).toBe(true)
    expect(weakProxy(target, () => {}) === weakProxy(target)).toBe(false)
  })

  it('W37: has a callback that is called once with it; W38: and holds nothing', async () => {
    const calls: unknown[] = []
    const library = new Map<string, object>()
    inScope(
      () =>
        void library.set(
          'stored',
          weakProxy({ big: true }, (proxy) => calls.push(proxy)),
        ),
    )
    await settle(() => calls.length > 0)
    await settle()
    expect(calls.length).toBe(1)
    expect(calls[0] === library.get('stored')).toBe(true)
  })

  it('once dead: W33 can be awaited, W34 inspected; W35 every use throws', async () => {
    const { proxy, reference, method } = (() => {
      const target = { method() {} }
      const weak = weakProxy(target)
      return { proxy: weak as any, reference: ref(target), method: weak.method }
    })()
    expect(inspect(proxy)).toMatch(/^<WeakProxy to \{ method/)
    await settle(() => !reference.alive)
    expect((await proxy) === proxy).toBe(true)
    expect(inspect(proxy)).toBe('<WeakProxy (dead)>')
    expect(() => console.log(inspect({ deep: [proxy] }))).not.toThrow()
    const uses = [
      () => `${proxy}`,
      () => JSON.stringify(proxy),
      () => proxy.x,
      () => (proxy.x = 1),
      () => 'x' in proxy,
      () => delete proxy.x,
      () => Object.keys(proxy),
      () => Object.getPrototypeOf(proxy),
      () => Object.isExtensible(proxy),
      () => Object.preventExtensions(proxy),
      () => Object.defineProperty(proxy, 'x', {}),
      () => method.call(proxy),
    ]
    for (const use of uses) expect(use).toThrow(DeadReferenceError)
    expect(new DeadReferenceError()).toBeInstanceOf(ReferenceError)
    expect(new DeadReferenceError().message).toBe('weakly-referenced object no longer exists')
  })
})
