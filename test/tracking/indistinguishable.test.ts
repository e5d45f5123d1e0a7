import { inspect, types } from 'node:util'
import { trackClass, tracker } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive } from '../support/instances.js'

class Plain {
  static made = 0
  #secret = 'kept'
  constructor(
    readonly a: number,
    readonly b = 2,
  ) {
    Plain.made++
  }
  static of(a: number): Plain {
    return new this(a)
  }
  get secret(): string {
    return this.#secret
  }
  set secret(value: string) {
    this.#secret = value
  }
  static knows(value: object): boolean {
    return #secret in value
  }
}
const before = new Plain(0)
const Tracked = trackClass(Plain)

describe('the instrumented class looks like the class', () => {
  it('has its name and length', () => {
    expect(Tracked.name).toBe('Plain')
    expect(Tracked.length).toBe(1)
    expect(Object.getOwnPropertyDescriptor(Tracked, 'name')).toMatchObject({
      value: 'Plain',
      writable: false,
      enumerable: false,
    })
  })

  it('keeps the name of a class that has none, or a static of that name', () => {
    const classes = [class {}]
    expect(trackClass(classes[0]!).name).toBe(classes[0]!.name)
    const Named = trackClass(
      class Named {
        static override = 1
        static readonly label = 'a label'
      },
    )
    expect([Named.name, Named.label]).toEqual(['Named', 'a label'])
  })

  it('gives its source, as libraries read it to tell classes from functions', () => {
    expect(String(Tracked)).toBe(Function.prototype.toString.call(Plain))
    expect(String(Tracked)).toMatch(/^class /)
  })

  it('has the keys of the class, and no more that can be enumerated', () => {
    expect(Object.keys(Tracked)).toEqual(['made'])
    const keys: string[] = []
    for (const key in Tracked) keys.push(key)
    expect(keys).toEqual(['made'])
  })

  it('shares the prototype, which nobody can replace', () => {
    expect(Tracked.prototype).toBe(Plain.prototype)
    expect(Object.getOwnPropertyDescriptor(Tracked, 'prototype')).toMatchObject({
      writable: false,
      enumerable: false,
      configurable: false,
    })
  })

  it('is a function that is no proxy', () => {
    expect(typeof Tracked).toBe('function')
    expect(types.isProxy(Tracked)).toBe(false)
    expect(inspect(new Tracked(1))).toMatch(/^Plain \{/)
  })
})

describe('its instances', () => {
  it('are instances of both, and those made before are, too', () => {
    const made = new Tracked(1)
    expect(made).toBeInstanceOf(Tracked)
    expect(made).toBeInstanceOf(Plain)
    expect(before).toBeInstanceOf(Tracked)
    expect(Object.getPrototypeOf(made)).toBe(Plain.prototype)
    expect({}).not.toBeInstanceOf(Tracked)
  })

  it('honour the class its own instanceof', () => {
    const Even = trackClass(
      class Even {
        static [Symbol.hasInstance](value: unknown): boolean {
          return Number(value) % 2 === 0
        }
      },
    )
    expect((2 as unknown) instanceof Even).toBe(true)
    expect((3 as unknown) instanceof Even).toBe(false)
  })

  it('have the fields and the private members', () => {
    const made = new Tracked(5)
    expect(made).toMatchObject({ a: 5, b: 2 })
    made.secret = 'changed'
    expect(made.secret).toBe('changed')
    expect(Plain.knows(made)).toBe(true)
    expect(Tracked.knows(made)).toBe(true)
    expect(Tracked.knows({})).toBe(false)
  })

  it('T26: have the tracked class as their constructor', () => {
    const made = new Tracked(1)
    expect(made.constructor).toBe(Tracked)
    expect(Object.getOwnPropertyDescriptor(Plain.prototype, 'constructor')).toMatchObject({
      enumerable: false,
      writable: true,
      configurable: true,
    })
    const again = new (made.constructor as typeof Plain)(1)
    const { created } = tracker.stats(Plain)
    expect(created).toBeGreaterThanOrEqual(2)
    keepAlive(again)
  })

  it('T26: have the class itself as constructor where repointConstructor is off', () => {
    class Kept {}
    const KeptTracked = trackClass(Kept, { repointConstructor: false })
    expect(new KeptTracked().constructor).toBe(Kept)
    expect(KeptTracked).not.toBe(Kept)
    expect(tracker.stats(Kept).created).toBe(1)
  })
})

describe('called without new', () => {
  it('T27: throws the same TypeError as the class', () => {
    class Raw {}
    const messageOf = (call: () => unknown): string => {
      try {
        call()
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError)
        return (error as Error).message
      }
      throw new Error('did not throw')
    }
    const expected = messageOf(() => (Raw as any)())
    expect(expected).toContain('Raw')
    const RawTracked = trackClass(Raw) as any
    expect(messageOf(() => RawTracked())).toBe(expected)
    expect(messageOf(() => RawTracked.call(new RawTracked()))).toBe(expected)
    expect(tracker.stats(Raw)).toMatchObject({ created: 1, failed: 0 })
  })

  it('serves Reflect.construct as new does', () => {
    const Reflected = trackClass(class Reflected {})
    const made: unknown = Reflect.construct(Reflected, [])
    expect(made).toBeInstanceOf(Reflected)
    expect(tracker.stats(Reflected)).toMatchObject({ created: 1, live: 1 })
    keepAlive(made)
  })
})

describe('a built-in as the base of a tracked class', () => {
  it('keeps arrays arrays, and counts what their methods make of the same class', () => {
    const List = trackClass(class List extends Array<number> {})
    const list = List.from<number>([1, 2, 3])
    const doubled = list.map((value) => value * 2)
    expect(Array.isArray(doubled)).toBe(true)
    expect(doubled).toBeInstanceOf(List)
    expect([...doubled]).toEqual([2, 4, 6])
    expect(tracker.stats(List).created).toBe(2)
    keepAlive(list)
  })

  it('keeps errors errors, with a stack that begins at the caller', () => {
    const Refused = trackClass(
      class Refused extends Error {
        override name = 'Refused'
      },
    )
    const error = new Refused('no', { cause: 1 })
    expect(error).toBeInstanceOf(Error)
    expect(types.isNativeError(error)).toBe(true)
    expect(error).toMatchObject({ message: 'no', cause: 1 })
    expect(error.stack).toContain('indistinguishable.test')
  })

  it('keeps promises promises', async () => {
    const Later = trackClass(class Later<T> extends Promise<T> {})
    const later = new Later<number>((resolve) => resolve(1))
    const next = later.then((value) => value + 1)
    expect(next).toBeInstanceOf(Later)
    expect(await next).toBe(2)
    expect(await Later.all([later, next])).toEqual([1, 2])
  })

  it('keeps maps and sets usable', () => {
    const Index = trackClass(class Index extends Map<string, number> {})
    const index = new Index([['a', 1]])
    expect(index.get('a')).toBe(1)
    expect(index.size).toBe(1)
  })
})
