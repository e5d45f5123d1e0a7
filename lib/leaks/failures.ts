import { inspect } from 'node:util'
import { textOf } from '../listeners.js'
import { Ring } from './ring.js'

/** What failed where nobody waited for it: how often, and what the last twenty failed with. */
export class Failures {
  readonly #last = new Ring<string>(20)
  #count = 0

  get count(): number {
    return this.#count
  }

  get last(): readonly string[] {
    return [...this.#last.items]
  }

  add(error: unknown): void {
    this.#count++
    this.#last.push(withCauses(error))
  }
}

/** A `fetch failed` alone tells nobody what is wrong. */
function withCauses(error: unknown): string {
  try {
    return error instanceof Error ? inspect(error) : textOf(error)
  } catch {
    return textOf(error)
  }
}
