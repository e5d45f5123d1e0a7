import { trackClass, tracker } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive } from '../support/instances.js'

describe('new.target', () => {
  it('lets an abstract class refuse to be constructed, and its subclasses be', () => {
    const Shape = trackClass(
      class Shape {
        constructor() {
          if (new.target === Shape) throw new TypeError('Shape is abstract')
        }
      },
    )
    class Circle extends Shape {}
    expect(() => new Shape()).toThrow('Shape is abstract')
    const held = new Circle()
    expect(tracker.stats(Shape)).toMatchObject({ created: 0, failed: 1 })
    expect(tracker.stats(Circle)).toMatchObject({ created: 1, failed: 0 })
    keepAlive(held)
  })

  it('lets an abstract class refuse that has its name from outside only', () => {
    const Figure: any = trackClass(
      class {
        constructor() {
          if (new.target === Figure) throw new TypeError('Figure is abstract')
        }
      },
    )
    class Square extends Figure {}
    expect(() => new Figure()).toThrow('Figure is abstract')
    expect(new Square()).toBeInstanceOf(Figure)
  })

  it('bears the name of the class that is made', () => {
    const Named = trackClass(
      class Named {
        readonly label: string
        constructor() {
          this.label = new.target.name
        }
      },
    )
    class Other extends Named {}
    expect([new Named().label, new Other().label]).toEqual(['Named', 'Other'])
  })

  it('is the one given to Reflect.construct', () => {
    const Made = trackClass(
      class Made {
        readonly target: unknown
        constructor() {
          this.target = new.target
        }
      },
    )
    class Foreign {}
    const made: object = Reflect.construct(Made, [], Foreign)
    expect(made).toBeInstanceOf(Foreign)
    expect(made).toMatchObject({ target: Foreign })
  })
})
