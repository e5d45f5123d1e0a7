import { runInThisContext } from 'node:vm'

/** Makes a wrapper around what it is given; `wrapper.ts` says what of. */
type MakeWrapper = (parts: Readonly<Record<string, unknown>>) => CallableFunction

const sourceOf = (name: string): string => `'use strict';
(function ({
  record, cls, cells, construct, constructDerived, callWithoutNew, knowsItself, CREATED, FAILED, SKIP,
}) {
  const wrapper = { ${name}: function (...args) {
    const target = new.target
    if (target !== wrapper) {
      return target === undefined
        ? callWithoutNew(record, cls, wrapper, this, args)
        : constructDerived(record, cls, wrapper, args, target)
    }
    if (!record.enabled) return construct(cls, args, self)
    if (record.base !== null) return constructDerived(record, cls, wrapper, args, self)
    let object
    try {
      object = construct(cls, args, self)
    } catch (error) {
      cells[FAILED]++
      throw error
    }
    if (record.admits) {
      record.admit(object, wrapper)
    } else {
      cells[CREATED]++
      if (!(cells[SKIP]-- > 0)) record.follow(object)
    }
    return object
  } }[${name}]
  const self = knowsItself ? cls : wrapper
  return wrapper
})`

let compiled = 0

/**
 * Compiled anew for each class. V8 keeps one set of type feedback for all functions that come of the
 * same place in a program: with a second class the optimiser would no longer know which class the
 * wrapper constructs and which native function it calls, and each `new` would cost twice as much.
 * From a string, because a bundler may rewrite what a function's own text says; through `node:vm`,
 * because `eval` can be forbidden. By the name V8 knows the instances of a class that has none of its own.
 */
export function compileWrapper(name: string): MakeWrapper {
  // V8 gives the same text the same code, and with it the same feedback.
  const text = `${sourceOf(quoted(name))} // ${compiled++}`
  return runInThisContext(text, { filename: 'heapscope/wrapper.js' }) as MakeWrapper
}

/** As a key that is no more than that. */
function quoted(name: string): string {
  return JSON.stringify(name === '__proto__' ? '(__proto__)' : name)
}
