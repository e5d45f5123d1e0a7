import { isPromise } from 'node:util/types'
import { checkFunction, describe } from './options.js'

/**
 * Listeners of one kind of event. One that throws, or whose promise rejects, does not keep the others
 * from being called, nor does it end the process: what it threw is emitted as a process warning.
 */
export class Listeners<Args extends unknown[]> {
  readonly #listeners = new Set<{ call: (...args: Args) => unknown }>()

  constructor(
    private readonly name: string,
    private readonly onSizeChange: (size: number) => void = () => {},
  ) {}

  add(listener: (...args: Args) => unknown): Disposable {
    checkFunction(listener, `the listener of ${this.name}`)
    const entry = { call: listener } // one listener added twice is called twice
    this.#listeners.add(entry)
    this.onSizeChange(this.#listeners.size)
    return {
      [Symbol.dispose]: () => {
        if (this.#listeners.delete(entry)) this.onSizeChange(this.#listeners.size)
      },
    }
  }

  clear(): void {
    if (this.#listeners.size === 0) return
    this.#listeners.clear()
    this.onSizeChange(0)
  }

  /** Calls those there are now, except the ones removed meanwhile by another of them. */
  emit(...args: Args): void {
    for (const entry of [...this.#listeners]) {
      if (!this.#listeners.has(entry)) continue
      callGuarded(`a listener of ${this.name}`, () => entry.call(...args))
    }
  }
}

/** Calls what is the user's: what it throws, or rejects with, becomes a process warning. */
export function callGuarded(name: string, call: () => unknown): void {
  try {
    const result = call()
    if (isPromise(result)) {
      result.catch((error: unknown) => {
        warnOfThrown(name, error)
      })
    }
  } catch (error) {
    warnOfThrown(name, error)
  }
}

export function warnOfThrown(name: string, error: unknown): void {
  process.emitWarning(`${name} threw`, {
    type: 'HeapscopeWarning',
    code: 'HEAPSCOPE_LISTENER_THREW',
    detail: textOf(error),
  })
}

/** Anything can be thrown, also what throws when it is looked at. */
export function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  } catch {
    return describe(thrown)
  }
}
