import { captureHeapSync, trackClass } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../support/fixture.js'

describe('the wrapper of a tracked class', () => {
  it('needs no leave to make code from strings', async () => {
    const program = `
      const { trackClass, tracker } = require('heapscope')
      const [A, B] = [class A {}, class B {}].map((cls) => trackClass(cls))
      new A()
      new B()
      new B()
      console.log(tracker.stats(A).created, tracker.stats(B).created)`
    const flags = ['--disallow-code-generation-from-strings']
    expect((await runProgram(program, flags)).stdout.trim()).toBe('1 2')
  })

  it('is the same for a class tracked after five hundred others', async () => {
    const program = `
      const { trackClass, tracker } = require('heapscope')
      const make = (i) => trackClass(class Numbered { constructor() { this.i = i } })
      const classes = Array.from({ length: 500 }, (_, i) => make(i))
      console.log(classes.every((cls, i) => new cls().i === i && tracker.stats(cls).created === 1))`
    expect((await runProgram(program)).stdout.trim()).toBe('true')
  })

  it('gives a class without a name of its own the name that it is tracked by in a graph, too', () => {
    const names = ['Type "7"', '__proto__', undefined]
    const classes = names.map((name) => trackClass(class {}, name === undefined ? {} : { name }))
    const kept = classes.map((Tracked) => new Tracked())
    const known = new Set(
      captureHeapSync()
        .classes()
        .map(({ className }) => className),
    )
    for (const name of ['Type "7"', '(__proto__)', '(anonymous)']) expect(known).toContain(name)
    expect(known).not.toContain('wrapper')
    expect(kept).toHaveLength(3)
  })
})
