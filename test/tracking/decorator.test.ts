import * as heapscope from 'heapscope'
import { tracked, tracker } from 'heapscope'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { keepAlive, makeAndDrop, makeAndKeep } from '../support/instances.js'
import { settle } from '../support/settle.js'

describe('the decorator', () => {
  it('tracks a class, bare', async () => {
    @tracked
    class Bare {
      readonly value = 1
    }
    const held = makeAndKeep(2, () => new Bare())
    makeAndDrop(3, () => new Bare())
    await settle(() => tracker.stats(Bare).live === 2)
    expect(tracker.stats(Bare)).toMatchObject({ className: 'Bare', created: 5, live: 2 })
    keepAlive(held)
  })

  it('takes options', () => {
    @tracked({ name: 'Billing/Invoice', metadata: true })
    class Invoice {}
    const held = new Invoice()
    expect(tracker.stats('Billing/Invoice').created).toBe(1)
    expect(tracker.metadata(held)).toMatchObject({ className: 'Billing/Invoice', id: 1 })
    expect(Invoice.name).toBe('Invoice')
  })

  it('works on a class with a base, private members and methods', () => {
    @tracked
    class Base {
      #count = 0
      add(): number {
        return ++this.#count
      }
    }
    @tracked({ name: 'Leaf of a decorated base' })
    class Leaf extends Base {
      static #made = 0
      static made(): number {
        return ++this.#made
      }
    }
    const held = new Leaf()
    expect([held.add(), held.add(), Leaf.made()]).toEqual([1, 2, 1])
    expect(tracker.stats('Leaf of a decorated base')).toMatchObject({
      created: 1,
      baseName: 'Base',
    })
    expect(tracker.stats(Base)).toMatchObject({ created: 0, inclusive: { created: 1 } })
  })
})

describe('the decorator as TypeScript compiles it', () => {
  it('also counts what the class makes of itself by its own name', () => {
    const Tree = compile(`
      @tracked()
      class Tree {
        children = []
        constructor(depth) {
          if (depth > 0) this.children.push(new Tree(depth - 1), new Tree(depth - 1))
        }
        static root = new Tree(0)
      }
      return Tree`)
    const held = new Tree(2)
    expect(tracker.stats('Tree')).toMatchObject({ created: 8, live: 8 })
    keepAlive(held)
  })

  it('lets an abstract class refuse to be constructed', () => {
    const Shape = compile(`
      @tracked
      class Shape {
        constructor() {
          if (new.target === Shape) throw new TypeError('Shape is abstract')
        }
      }
      return Shape`)
    class Circle extends Shape {}
    expect(() => new Shape()).toThrow('Shape is abstract')
    expect(new Circle()).toBeInstanceOf(Shape)
    expect(tracker.stats(Circle).created).toBe(1)
  })

  it('keeps private statics, other decorators and class metadata working', () => {
    const Sealed = compile(`
      const upper = (method) => function () { return method.call(this).toUpperCase() }
      const seal = (cls) => { Object.seal(cls.prototype) }
      @tracked({ name: 'Sealed by another' })
      @seal
      class Sealed {
        static #made = 0
        static made() { return ++this.#made }
        @upper hello() { return 'hello' }
      }
      return Sealed`)
    const held = new Sealed()
    expect([held.hello(), Sealed.made(), Sealed.made()]).toEqual(['HELLO', 1, 2])
    expect(tracker.stats('Sealed by another')).toMatchObject({ created: 1, live: 1 })
  })
})

/** esbuild binds a decorated class's inner name to the class as it was, against the standard. */
function compile(body: string): any {
  const compilerOptions = { target: ts.ScriptTarget.ES2022 }
  const { outputText } = ts.transpileModule(`function make() {${body}}`, { compilerOptions })
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const make = new Function(
    'heapscope',
    `const { tracked } = heapscope; ${outputText}; return make()`,
  )
  return make(heapscope)
}
