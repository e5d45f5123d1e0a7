import { native } from '../native.js'
import { face, start, type Notified } from './deliver.js'
import type { Finalizer } from './finalize.js'
import { Link, targetOf } from './link.js'
import type { WeakMethod } from './method.js'
import { linkOfProxy } from './proxy.js'
import type { WeakReference } from './reference.js'
import { isTarget } from './target.js'

/**
 * How many weak references of this library's lead to the object: references, proxies, weak methods,
 * finalizers, and its places in weak collections. 0 of what cannot be held weakly. Looks at all there
 * are: some milliseconds a million. Those that were dropped count until a collection has found them.
 */
export function weakRefCount(target: unknown): number {
  if (!isTarget(target)) return 0
  start()
  return native.linksOf(target).length + native.cellsOf(target)
}

/**
 * The references, proxies, weak methods and finalizers that lead to the object, oldest first. Its
 * places in weak collections are no objects: they are counted by `weakRefCount` only.
 */
export function weakRefs<T>(target: T): (WeakReference | WeakMethod | Finalizer | T)[] {
  if (!isTarget(target)) return []
  start()
  return native.linksOf(target).map((link) => (link as Notified)[face]()) as WeakReference[]
}

/**
 * Whether both lead to the same living object. Each is a reference, a proxy, a weak method, a
 * finalizer or the object itself.
 */
export function sameTarget(a: unknown, b: unknown): boolean {
  const target = resolve(a)
  return target !== undefined && target === resolve(b)
}

function resolve(value: unknown): unknown {
  if (!isTarget(value)) return undefined
  if (typeof value === 'symbol') return value
  const link = linkOfProxy(value) ?? (value instanceof Link ? value : undefined)
  return link ? targetOf(link) : value
}
