import { inspect } from 'node:util'
import { checkFunction } from '../options.js'
import { notify } from './deliver.js'
import { cancel, findShared, forgetSlot, isLive, Link, share, Shared, targetOf } from './link.js'
import { checkTarget, classNameOf, type Target } from './target.js'

export type ReferenceCallback<T extends Target> = (reference: WeakReference<T>) => unknown

/**
 * A weak reference. Unlike the language's `WeakRef` it does not hold its target until the end of the
 * job, follows minor collections, and can have a callback. May be extended.
 */
export class WeakReference<T extends Target = object> extends Link {
  #callback: ((reference: never) => unknown) | undefined

  /** @throws {TypeError} of a target that cannot be held weakly, or a callback that is no function */
  constructor(target: T, callback?: ReferenceCallback<T>) {
    checkTarget(target, 'the target of a weak reference')
    if (callback !== undefined) checkFunction(callback, 'the callback of a weak reference')
    super(target, callback !== undefined)
    this.#callback = callback
  }

  /** The target, or undefined once a collection has found it dead. Some 15 ns. */
  deref(): T | undefined {
    return targetOf(this) as T | undefined
  }

  /** Whether the target lives, as far as collections have found out. Holds it for no moment. */
  get alive(): boolean {
    return isLive(this)
  }

  /** Undefined without one, and once the target is dead. */
  get callback(): ((reference: never) => unknown) | undefined {
    return isLive(this) ? this.#callback : undefined
  }

  /** Ends the reference at once: it has no target any more and its callback is never called. */
  [Symbol.dispose](): void {
    cancel(this)
    this.#callback = undefined
  }

  override toString(): string {
    return describeLink(this, 'WeakReference')
  }

  [inspect.custom](): string {
    return `<${describeLink(this, 'WeakReference')}>`
  }

  /** @internal */
  override [notify](): unknown {
    forgetSlot(this)
    const callback = this.#callback
    this.#callback = undefined
    return callback?.(this as never)
  }
}

/**
 * A weak reference to the target. All references without a callback to one target are the same
 * object. With a callback each is a new one: it is called once with the reference, from the event
 * loop, after the collection that found the target dead, unless the reference was dropped before;
 * newest reference first, when every reference to the target is dead already. What it throws goes to
 * `onError`. Its whole life costs 100 to 150 ns where it dies with its target, about 600 ns where it
 * outlives it and is called back.
 *
 * @throws {TypeError} of a target that cannot be held weakly, or a callback that is no function
 */
export function ref<T extends Target>(
  target: T,
  callback?: ReferenceCallback<T>,
): WeakReference<T> {
  if (callback !== undefined) return new WeakReference(target, callback)
  checkTarget(target, 'the target of a weak reference')
  const shared = findShared(target, Shared.reference) as WeakReference<T> | undefined
  if (shared) return shared
  const reference = new WeakReference(target)
  share(reference, Shared.reference)
  return reference
}

export function describeLink(link: Link, kind: string): string {
  const target = targetOf(link) as Target | undefined
  return target === undefined ? `${kind} (dead)` : `${kind} to ${classNameOf(target)}`
}
