import { ref, type WeakReference } from '../weakref/reference.js'
import { spread } from './growth.js'

/**
 * The instances that are looked at again and again where there are too many for all of them: who is
 * among them stays until it dies. Holds none of them.
 */
export class Followed {
  readonly #members = new WeakSet()
  readonly #references = new Map<string, WeakReference>()

  /** At most `limit` of the instances of one class: those followed already, then others, evenly spread. */
  choose(instances: readonly object[], limit: number): object[] {
    const known = instances.filter((instance) => this.#members.has(instance))
    const others = instances.filter((instance) => !this.#members.has(instance))
    return [...known, ...spread(others, Math.max(0, limit - known.length))]
  }

  add(key: string, instance: object): void {
    if (this.#members.has(instance)) return
    this.#members.add(instance)
    this.#references.set(key, ref(instance))
  }

  /** The keys of those that died since it was last asked. */
  takeDead(): string[] {
    const dead = [...this.#references].filter(([, reference]) => !reference.alive)
    for (const [key] of dead) this.#references.delete(key)
    return dead.map(([key]) => key)
  }
}
