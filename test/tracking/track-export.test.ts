import { createRequire } from 'node:module'
import * as path from 'node:path'
import { trackClass, trackExport, tracker, untrackClass } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive, makeAndDrop } from '../support/instances.js'
import { settle } from '../support/settle.js'

const require = createRequire(__filename)
const stats = (cls: any) => tracker.stats(cls)

describe('trackExport', () => {
  it('replaces a class where it is carried, and restores it when disposed', async () => {
    class Client {}
    const library = { Client }
    {
      using _tracking = trackExport(library, 'Client')
      expect(library.Client).not.toBe(Client)
      makeAndDrop(3, () => new library.Client())
      await settle(() => stats(Client).live === 0)
      expect(stats(Client)).toMatchObject({ created: 3, collected: 3, tracking: true })
    }
    expect(library.Client).toBe(Client)
    expect(new library.Client().constructor).toBe(Client)
    expect(stats(Client)).toMatchObject({ created: 3, tracking: false })
  })

  it('takes options and any key, and keeps what kind of property it was', () => {
    const key = Symbol('class')
    const holder = Object.defineProperty({} as { [key]: new () => object }, key, {
      value: class Hidden {},
      enumerable: false,
      configurable: true,
      writable: false,
    })
    const before = Object.getOwnPropertyDescriptor(holder, key)
    const tracking = trackExport(holder, key, { name: 'lib.Hidden' })
    const held = new holder[key]()
    expect(tracker.stats('lib.Hidden')).toMatchObject({ created: 1, live: 1 })
    expect(Object.keys(holder)).toEqual([])
    tracking[Symbol.dispose]()
    expect(Object.getOwnPropertyDescriptor(holder, key)).toEqual(before)
    keepAlive(held)
  })

  it('replaces what an accessor gives, and restores the accessor', () => {
    class Lazy {}
    const holder = {
      get Lazy() {
        return Lazy
      },
    }
    const before = Object.getOwnPropertyDescriptor(holder, 'Lazy')
    const tracking = trackExport(holder, 'Lazy')
    const held = new holder.Lazy()
    expect(stats(Lazy).created).toBe(1)
    tracking[Symbol.dispose]()
    expect(Object.getOwnPropertyDescriptor(holder, 'Lazy')).toEqual(before)
    keepAlive(held)
  })

  it('shadows what the holder inherits, and takes the shadow away', () => {
    class Inherited {}
    const holder = Object.create({ Inherited }) as { Inherited: typeof Inherited }
    const tracking = trackExport(holder, 'Inherited')
    expect(Object.hasOwn(holder, 'Inherited')).toBe(true)
    tracking[Symbol.dispose]()
    expect(Object.hasOwn(holder, 'Inherited')).toBe(false)
    expect(holder.Inherited).toBe(Inherited)
  })

  it('works on a class of Node itself', () => {
    const events = require('node:events') as typeof import('node:events')
    const { EventEmitter } = events
    const held: object[] = []
    {
      using _tracking = trackExport(events, 'EventEmitter', { name: 'events.EventEmitter' })
      const emitter = new events.EventEmitter()
      emitter.once('ready', () => held.push(emitter))
      emitter.emit('ready')
    }
    expect(tracker.stats('events.EventEmitter')).toMatchObject({ created: 1, live: 1 })
    expect(held).toHaveLength(1)
    expect(events.EventEmitter).toBe(EventEmitter)
  })

  it('leaves alone what somebody else has put there since', () => {
    class Mine {}
    class Theirs {}
    const holder: { Class: new () => object } = { Class: Mine }
    const tracking = trackExport(holder, 'Class')
    holder.Class = Theirs
    tracking[Symbol.dispose]()
    expect(holder.Class).toBe(Theirs)
    expect(stats(Mine).tracking).toBe(false)
  })

  it('goes on counting those that live when it ends', async () => {
    class Open {}
    const holder = { Open }
    const tracking = trackExport(holder, 'Open')
    makeAndDrop(4, () => new holder.Open())
    tracking[Symbol.dispose]()
    await settle(() => stats(Open).live === 0)
    expect(stats(Open)).toMatchObject({ created: 4, collected: 4, tracking: false })
  })

  it('disposed twice does not undo what was tracked in between', () => {
    class Again {}
    const holder = { Again }
    const first = trackExport(holder, 'Again')
    first[Symbol.dispose]()
    const second = trackExport(holder, 'Again')
    first[Symbol.dispose]()
    expect(holder.Again).not.toBe(Again)
    const held = new holder.Again()
    expect(stats(Again)).toMatchObject({ created: 1, tracking: true })
    second[Symbol.dispose]()
    expect(holder.Again).toBe(Again)
    keepAlive(held)
  })

  it('of one class in two places counts until both have ended', () => {
    class Shared {}
    const [one, two] = [{ Shared }, { Shared }]
    const first = trackExport(one, 'Shared')
    const second = trackExport(two, 'Shared')
    expect(one.Shared).toBe(two.Shared)
    first[Symbol.dispose]()
    expect(one.Shared).toBe(Shared)
    const held = [new two.Shared()]
    expect(stats(Shared)).toMatchObject({ created: 1, tracking: true })
    second[Symbol.dispose]()
    expect(two.Shared).toBe(Shared)
    held.push(new Shared())
    expect(stats(Shared)).toMatchObject({ created: 1, tracking: false })
    keepAlive(held)
  })

  it('leaves a class tracked that was tracked before', () => {
    class Owned {}
    const Tracked = trackClass(Owned)
    const holder = { Owned: Tracked }
    const tracking = trackExport(holder, 'Owned')
    expect(holder.Owned).toBe(Tracked)
    tracking[Symbol.dispose]()
    const held = new Tracked()
    expect(stats(Owned)).toMatchObject({ created: 1, tracking: true })
    expect(held.constructor).toBe(Tracked)
  })

  it('goes on watching the close of those that live when it ends, and of derived classes', async () => {
    class Open {
      close(): void {}
    }
    const holder = { Open }
    const tracking = trackExport(holder, 'Open')
    const held = new holder.Open()
    class Heir extends holder.Open {}
    const TrackedHeir = trackClass(Heir)
    tracking[Symbol.dispose]()
    held.close()
    new TrackedHeir().close()
    expect(stats(Open)).toMatchObject({ created: 1, closed: 1, pendingDeletion: 1 })
    expect(stats(Heir)).toMatchObject({ created: 1, closed: 1 })
    keepAlive(held)
  })

  it('gives the class its own close back where nobody needs the watched one', () => {
    class Idle {
      close(): void {}
    }
    const { close } = Idle.prototype
    const tracking = trackExport({ Idle }, 'Idle')
    expect(Idle.prototype.close).not.toBe(close)
    tracking[Symbol.dispose]()
    expect(Idle.prototype.close).toBe(close)
  })

  it('of one place twice lasts until both have ended, in whatever order', () => {
    class Twice {}
    const holder = { Twice }
    const [first, second] = [trackExport(holder, 'Twice'), trackExport(holder, 'Twice')]
    const Tracked = holder.Twice
    first[Symbol.dispose]()
    expect(holder.Twice).toBe(Tracked)
    const held = new holder.Twice()
    expect(stats(Twice)).toMatchObject({ created: 1, tracking: true })
    second[Symbol.dispose]()
    expect(holder.Twice).toBe(Twice)
    expect(stats(Twice).tracking).toBe(false)
    keepAlive(held)
  })

  it('of a class that was found as a subclass leaves it counted with its base', () => {
    const Base = trackClass(class Base {})
    class Found extends Base {}
    const holder = { Found }
    const held: object[] = [new Found()]
    const tracking = trackExport(holder, 'Found')
    held.push(new holder.Found())
    tracking[Symbol.dispose]()
    held.push(new holder.Found())
    expect(stats(Found)).toMatchObject({ created: 3, tracking: true })
    untrackClass(Base)
    held.push(new holder.Found())
    expect(stats(Found)).toMatchObject({ created: 3, tracking: false })
    keepAlive(held)
  })

  it('of a class that was untracked meanwhile, or before, leaves it untracked', () => {
    const Base = trackClass(class Base2 {})
    const derive = () => class Heir extends Base {}
    const [Before, Meanwhile] = [derive(), derive()]
    const held: object[] = [new Before(), new Meanwhile()]
    const meanwhile = trackExport({ Meanwhile }, 'Meanwhile')
    untrackClass(Meanwhile)
    meanwhile[Symbol.dispose]()
    untrackClass(Before)
    trackExport({ Before }, 'Before')[Symbol.dispose]()
    held.push(new Before(), new Meanwhile())
    for (const Heir of [Before, Meanwhile]) {
      expect(stats(Heir)).toMatchObject({ created: 1, tracking: false })
    }
    keepAlive(held)
  })

  it('ends where its holder was frozen meanwhile', () => {
    class Kept {}
    const holder = { Kept }
    const tracking = trackExport(holder, 'Kept')
    Object.freeze(holder)
    tracking[Symbol.dispose]()
    expect(stats(Kept).tracking).toBe(false)
  })
})

describe('trackExport refuses, and changes nothing', () => {
  const readOnly = (key: string) =>
    expect.objectContaining({
      name: 'HeapscopeError',
      code: 'ERR_HEAPSCOPE_READ_ONLY',
      message: expect.stringMatching(new RegExp(`^"${key}" cannot be replaced.*ES module`)),
    })

  it('the namespace of an ES module, which is read-only', async () => {
    const namespace: any = await import('node:events')
    const { EventEmitter } = namespace
    const rows = tracker.allStats().length
    expect(() => trackExport(namespace, 'EventEmitter')).toThrow(readOnly('EventEmitter'))
    expect(namespace.EventEmitter).toBe(EventEmitter)
    expect(new EventEmitter().constructor).toBe(EventEmitter)
    expect(tracker.allStats()).toHaveLength(rows)
  })

  it('a frozen holder, or one that cannot be extended', () => {
    class Frozen {}
    const rows = tracker.allStats().length
    expect(() => trackExport(Object.freeze({ Frozen }), 'Frozen')).toThrow(readOnly('Frozen'))
    const heir = Object.preventExtensions(Object.create({ Frozen }) as { Frozen: typeof Frozen })
    expect(() => trackExport(heir, 'Frozen')).toThrow(readOnly('Frozen'))
    expect(tracker.allStats()).toHaveLength(rows)
    expect(new Frozen().constructor).toBe(Frozen)
  })

  it.each([
    ['something that carries nothing', 5, 'sep', /trackExport takes an object.*not the number 5/],
    ['null', null, 'sep', /trackExport takes an object that carries a class, not null/],
    ['what is no class', { ...path }, 'sep', /trackExport.* takes a class, not the string "\/"/],
    ['what is not there', {}, 'Missing', /trackExport.* takes a class, not undefined/],
  ])('%s', (_, holder: any, key, message) => {
    expect(() => trackExport(holder, key)).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        code: 'ERR_HEAPSCOPE_INVALID_ARG',
        message: expect.stringMatching(message),
      }),
    )
  })

  it('options that it does not have', () => {
    class Fine {}
    const holder = { Fine }
    expect(() => trackExport(holder, 'Fine', { handels: 1 } as any)).toThrow(
      'Misspelled option "handels" of trackExport should be "handles"',
    )
    expect(holder.Fine).toBe(Fine)
    expect(() => stats(Fine)).toThrow('Fine is not tracked')
  })
})
