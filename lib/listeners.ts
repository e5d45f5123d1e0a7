import { checkFunction, describe } from './options.js'

/**
 * Listeners of one kind of event. One that throws does not keep the others from being called, nor
 * does it end the process: what it threw is emitted as a process warning. (An asynchronous one that
 * rejects is the process's own unhandled rejection.)
 */
export class Listeners<Args extends unknown[]> {
  readonly #listeners = new Set<{ call: (...args: Args) => void }>()

  constructor(
    private readonly name: string,
    private readonly onSizeChange: (size: number) => void = () => {},
  ) {}

  add(listener: (...args: Args) => void): Disposable {
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
      try {
        entry.call(...args)
      } catch (error) {
        this.#warn(error)
      }
    }
  }

  #warn(error: unknown): void {
    const detail = textOf(error)
    process.emitWarning(`a listener of ${this.name} threw`, {
      type: 'HeapscopeWarning',
      code: 'HEAPSCOPE_LISTENER_THREW',
      detail,
    })
  }
}

/** Anything can be thrown, also what throws when it is looked at. */
export function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  } catch {
    return describe(thrown)
  }
}
