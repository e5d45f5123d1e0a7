import { runInThisContext } from 'node:vm'
import { trackClass, tracker } from 'heapscope'
import { ScriptTarget, transpileModule } from 'typescript'
import { describe, expect, it } from 'vitest'
import { keepAlive } from '../support/instances.js'

describe('statics of a tracked class', () => {
  it('are live both ways: neither side has a copy', () => {
    class Counter {
      static count = 0
      static next(): number {
        return ++Counter.count
      }
    }
    const Tracked = trackClass(Counter)
    Tracked.next()
    expect([Tracked.count, Counter.count]).toEqual([1, 1])
    Tracked.count = 10
    expect(Counter.next()).toBe(11)
    Counter.count = 20
    expect(Tracked.count).toBe(20)
  })

  it('added later to the class are seen through the tracked one', () => {
    class Extended {
      static configure(): void {
        ;(Extended as any).setting = 'on'
      }
    }
    const Tracked = trackClass(Extended) as any
    expect('setting' in Tracked).toBe(false)
    Tracked.configure()
    expect(Tracked.setting).toBe('on')
  })

  it('added later to the tracked class are kept there', () => {
    const Open = trackClass(class Open {}) as any
    Open.registry = new Map()
    expect(Open.registry).toBeInstanceOf(Map)
    expect(Object.keys(Open)).toEqual(['registry'])
    delete Open.registry
    expect('registry' in Open).toBe(false)
  })

  it('methods have the tracked class as this, so that what they make is counted', () => {
    const Made = trackClass(
      class Made {
        static create(): object {
          return new this()
        }
      },
    )
    const made = Made.create()
    expect(made).toBeInstanceOf(Made)
    expect(tracker.stats(Made)).toMatchObject({ created: 1, live: 1 })
    keepAlive(made)
  })

  it('that are accessors run as such, with setters', () => {
    class Limits {
      static stored = 1
      static get limit(): number {
        return this.stored
      }
      static set limit(value: number) {
        this.stored = value * 2
      }
    }
    const Tracked = trackClass(Limits)
    Tracked.limit = 5
    expect([Tracked.limit, Limits.limit, Limits.stored]).toEqual([10, 10, 10])
  })

  it('that are read-only refuse to be written, as on the class', () => {
    class Fixed {}
    Object.defineProperty(Fixed, 'version', { value: 1, writable: false })
    const Tracked = trackClass(Fixed) as any
    expect(() => (Tracked.version = 2)).toThrow(TypeError)
    expect(() => (Tracked.version = 2)).toThrow(/read.only property 'version'/)
    expect(Tracked.version).toBe(1)
  })

  it('that are symbols or private work, also through this', () => {
    const key = Symbol('key')
    class Sequence {
      static #last = 0
      static [key] = 'symbol'
      static next(): number {
        return ++this.#last
      }
      static get last(): number {
        return this.#last
      }
      static async later(): Promise<number> {
        return this.#last
      }
      static #hidden(): string {
        return 'hidden'
      }
      static reveal(): string {
        return this.#hidden()
      }
    }
    const Tracked = trackClass(Sequence)
    expect([Tracked.next(), Tracked.next(), Tracked.last]).toEqual([1, 2, 2])
    expect(Tracked[key]).toBe('symbol')
    expect(Tracked.reveal()).toBe('hidden')
    expect(Tracked.next).toBe(Tracked.next)
    expect(Tracked.next.name).toBe('next')
    return expect(Tracked.later()).resolves.toBe(2)
  })

  it('private ones work with methods called by an instance through its constructor', () => {
    const Ids = trackClass(
      class Ids {
        static #next = 1
        readonly id = (this.constructor as typeof Ids).take()
        static take(): number {
          return this.#next++
        }
      },
    )
    expect([new Ids().id, new Ids().id]).toEqual([1, 2])
    expect(tracker.stats(Ids).created).toBe(2)
  })

  it('a frozen class can be tracked', () => {
    class Frozen {
      static answer = 42
    }
    Object.freeze(Frozen)
    Object.freeze(Frozen.prototype)
    const Tracked = trackClass(Frozen)
    const held = new Tracked()
    expect(Tracked.answer).toBe(42)
    expect(tracker.stats(Tracked)).toMatchObject({ created: 1, live: 1 })
    keepAlive(held)
  })

  it('are inherited by a subclass, with the subclass as this', () => {
    class Base {
      static kind = 'base'
      static describe(): string {
        return `${this.name}: ${this.kind}`
      }
    }
    const Tracked = trackClass(Base)
    class Derived extends Tracked {
      static override kind = 'derived'
      static override describe(): string {
        return `(${super.describe()})`
      }
    }
    expect(Tracked.describe()).toBe('Base: base')
    expect(Derived.describe()).toBe('(Derived: derived)')
    class Silent extends Tracked {}
    Silent.kind = 'own'
    expect([Silent.kind, Tracked.kind, Base.kind]).toEqual(['own', 'base', 'base'])
  })

  it('private ones work as TypeScript compiles them', () => {
    const source = `(class Counter {
      static #count = 0
      static #step() { return 1 }
      static next() { return (this.#count += this.#step()) }
      static get count() { return this.#count }
    })`
    for (const target of [ScriptTarget.ES2015, ScriptTarget.ES2021]) {
      const { outputText } = transpileModule(source, { compilerOptions: { target } })
      const Tracked: any = trackClass(runInThisContext(outputText) as new () => object)
      expect([Tracked.next(), Tracked.next(), Tracked.count]).toEqual([1, 2, 2])
    }
  })

  it('instances keep the tracked constructor where TypeScript compiled private methods', () => {
    for (const name of ['Hidden', '']) {
      const source = `(class ${name} {
        #id = 1
        #sum() { return this.#id }
        get total() { return this.#sum() + this.#id }
        set total(value) { this.#id = value }
      })`
      const { outputText } = transpileModule(source, {
        compilerOptions: { target: ScriptTarget.ES2015 },
      })
      const Tracked: any = trackClass(runInThisContext(outputText) as new () => object)
      const one = new Tracked()
      one.total = 2
      expect([one.total, one.constructor]).toEqual([4, Tracked])
    }
  })
})
