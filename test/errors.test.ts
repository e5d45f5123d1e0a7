import { HeapscopeError } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { invalidArgument, outOfRange } from '../dist/errors.js'

describe('the errors of heapscope', () => {
  it('are errors with a name, a stable code, a message and their cause', () => {
    const cause = new Error('below')
    const error = new HeapscopeError('ERR_HEAPSCOPE_ADDON', 'what helps', { cause })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'HeapscopeError',
      code: 'ERR_HEAPSCOPE_ADDON',
      message: 'what helps',
      cause,
    })
    expect(String(error)).toBe('HeapscopeError: what helps')
    expect(error.stack).toContain('errors.test.ts')
  })

  it('about arguments are the language’s own, with a code', () => {
    expect(invalidArgument('wrong kind')).toBeInstanceOf(TypeError)
    expect(invalidArgument('wrong kind')).toMatchObject({
      message: 'wrong kind',
      code: 'ERR_HEAPSCOPE_INVALID_ARG',
    })
    expect(outOfRange('too much')).toBeInstanceOf(RangeError)
    expect(outOfRange('too much')).toMatchObject({
      message: 'too much',
      code: 'ERR_HEAPSCOPE_OUT_OF_RANGE',
    })
  })
})
