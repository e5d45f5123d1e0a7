import { inherits } from 'node:util'
import { trackClass, tracker } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { makeAndKeep } from '../support/instances.js'

const siteOf = (instance: object) => tracker.metadata(instance)?.site
const framesOf = (instance: object) => siteOf(instance)?.split('\n') ?? []
const ownFrame = /wrapper|registry|record\.(?:js|ts)|sites\.(?:js|ts)|Reflect\.construct/

describe('the site of an instance', () => {
  it('T33: begins with its caller in file and line, without frames of ours', () => {
    const Traced = trackClass(class Traced {}, { sites: 1 })
    function caller(): object {
      return new Traced()
    }
    const frames = framesOf(caller())
    expect(frames[0]).toMatch(/^caller \(.*sites\.test\.ts:\d+:\d+\)$/)
    expect(frames.length).toBeGreaterThan(1)
    expect(frames.length).toBeLessThanOrEqual(10)
    expect(frames.filter((frame) => /dist\/tracking/.test(frame) || ownFrame.test(frame))).toEqual(
      [],
    )
  })

  it('T33: of a subclass begins outside its constructors', () => {
    const Base = trackClass(class Base {}, { sites: 1 })
    class Middle extends Base {
      readonly middle: number
      constructor() {
        super()
        this.middle = 1
      }
    }
    const Leaf = trackClass(
      class Leaf extends Middle {
        readonly leaf: number
        constructor() {
          super()
          this.leaf = 2
        }
      },
      { sites: 1 },
    )
    const makeMiddle = () => new Middle()
    const makeLeaf = () => new Leaf()
    expect(framesOf(makeMiddle())[0]).toMatch(/^makeMiddle \(/)
    expect(framesOf(makeLeaf())[0]).toMatch(/^makeLeaf \(/)
  })

  it('T33: of a derived constructor function, or a class without a name, begins outside it', () => {
    const Base: any = trackClass(function Es5Base() {} as any, { sites: 1 })
    function Heir(this: any): void {
      Base.call(this)
    }
    inherits(Heir, Base)
    const Named = trackClass(class Named {}, { sites: 1 })
    const nameless = (cls: typeof Named) =>
      class extends cls {
        readonly more: number
        constructor() {
          super()
          this.more = 1
        }
      }
    const Nameless = nameless(Named)
    const makeHeir = () => new (Heir as any)()
    const makeNameless = () => new Nameless()
    expect(framesOf(makeHeir())[0]).toMatch(/^makeHeir \(/)
    expect(framesOf(makeNameless())[0]).toMatch(/^makeNameless \(/)
  })

  it('is absent where none are asked for', () => {
    const Untraced = trackClass(class Untraced {}, { metadata: true })
    expect(tracker.metadata(new Untraced())).not.toHaveProperty('site')
  })

  it('T33: is kept of about one in so many', () => {
    const Some = trackClass(class Some {}, { sites: 10 })
    const held = makeAndKeep(5000, () => new Some())
    const traced = held.filter((one) => siteOf(one) !== undefined).length
    // 500 expected; the distances are uniform from 1 to 19, so 5 standard errors are 62.
    expect(traced).toBeGreaterThan(400)
    expect(traced).toBeLessThan(600)
  })

  it('is told of each place apart, and is the same for one place', () => {
    const Placed = trackClass(class Placed {}, { sites: 1 })
    const here = () => new Placed()
    const there = () => new Placed()
    const [one, two, three] = [here, there, here].map((make) => make())
    expect(framesOf(one!)[0]).toMatch(/^here /)
    expect(framesOf(two!)[0]).toMatch(/^there /)
    expect(framesOf(three!)[0]).toBe(framesOf(one!)[0])
  })

  it('stays what it was when the class is tracked again', () => {
    const Again = trackClass(class Again {}, { sites: 1 })
    const early = () => new Again()
    const late = () => new Again()
    const first = early()
    trackClass(Again, { sites: 1 })
    const second = late()
    expect(framesOf(first)[0]).toMatch(/^early /)
    expect(framesOf(second)[0]).toMatch(/^late /)
  })

  it('leaves Error.stackTraceLimit as it is', () => {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 3
    const Limited = trackClass(class Limited {}, { sites: 1 })
    const frames = framesOf(new Limited())
    expect(Error.stackTraceLimit).toBe(3)
    Error.stackTraceLimit = limit
    expect(frames.length).toBeGreaterThan(0)
  })

  it('T33: is bounded: so many different stacks are kept, and the rest say so', () => {
    const Varied = trackClass(class Varied {}, { sites: 1 })
    const held = makeAndKeep(4200, (i) => {
      // A different function name is a different stack.
      // eslint-disable-next-line @typescript-eslint/no-implied-eval
      const make = new Function('Varied', `return function make${i}() { return new Varied() }`)
      return make(Varied)() as object
    })
    const sites = held.map(siteOf)
    expect(sites[0]).toMatch(/^make0 /)
    expect(new Set(sites).size).toBeLessThanOrEqual(4096)
    expect(sites.at(-1)).toBe('(more different stacks than are kept)')
  })
})
