import { trackClass, tracker } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive, makeAndKeep } from '../support/instances.js'

describe('names', () => {
  it('T17: two classes of one name are two rows with separate counts', () => {
    const One = trackClass({ Service: class Service {} }.Service)
    const Other = trackClass({ Service: class Service {} }.Service)
    const held = [new One(), ...makeAndKeep(2, () => new Other())]
    expect([tracker.stats(One).created, tracker.stats(Other).created]).toEqual([1, 2])
    const rows = tracker.allStats().filter(({ className }) => className === 'Service')
    expect(rows.map(({ created }) => created)).toEqual([2, 1])
    expect(() => tracker.stats('Service')).toThrow(
      expect.objectContaining({
        code: 'ERR_HEAPSCOPE_AMBIGUOUS_NAME',
        message: expect.stringMatching(/^2 tracked classes are called "Service"; pass the class/),
      }),
    )
    keepAlive(held)
  })

  it('T30: the name option is the name in statistics, reports and metadata', () => {
    const Client = trackClass(class Client {}, { name: 'pg.Client' })
    const held = new Client()
    expect(Client.name).toBe('Client')
    expect(tracker.stats('pg.Client')).toMatchObject({ className: 'pg.Client', created: 1 })
    expect(tracker.report({ top: 100 })).toContain('pg.Client')
    expect(tracker.metadata(held)?.className).toBe('pg.Client')
    expect(() => tracker.stats('Client')).toThrow('no tracked class is called "Client"')
  })

  it('a subclass has its own name, not that given to its base', () => {
    const Base = trackClass(class Base {}, { name: 'db.Base' })
    class Table extends Base {}
    const held = new Table()
    expect(tracker.stats(Table)).toMatchObject({ className: 'Table', baseName: 'db.Base' })
    keepAlive(held)
  })

  it('T29: tracking a class again is one wrapper, its options updated', () => {
    class Twice {}
    const First = trackClass(Twice, { name: 'Old name' })
    const early = new First()
    expect(trackClass(Twice, { name: 'New name', metadata: true })).toBe(First)
    expect(trackClass(First)).toBe(First)
    const late = new First()
    expect(tracker.stats(Twice)).toMatchObject({ className: 'New name', created: 2, live: 2 })
    expect(() => tracker.stats('Old name')).toThrow('no tracked class is called "Old name"')
    expect(tracker.allStats().filter(({ className }) => className === 'New name')).toHaveLength(1)
    keepAlive(early, late)
  })

  it('a class without a name is called so', () => {
    const anonymous = trackClass((() => class {})())
    const held = new anonymous()
    expect(tracker.stats(anonymous).className).toBe('(anonymous)')
    keepAlive(held)
  })
})
