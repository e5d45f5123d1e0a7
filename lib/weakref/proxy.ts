import { invalidArgument } from '../errors.js'
import { checkFunction, describe, isObject } from '../options.js'
import { face } from './deliver.js'
import { findShared, share, Shared, type Link } from './link.js'
import { WeakProxyHandler } from './proxy-handler.js'

const handlers = new WeakMap<object, WeakProxyHandler>()

/**
 * An object that can be used in place of the target and does not hold it: property access, method
 * calls, calling, `new`, `in`, iteration are all done to the target. Once it is dead every use throws
 * `DeadReferenceError`, except `await`, `util.inspect` and `typeof`. Without a callback all of one
 * target are the same proxy; a callback is called as those of `ref`, with the proxy.
 *
 * @throws {TypeError} of a target that is no object, or a callback that is no function
 */
export function weakProxy<T extends object>(target: T, callback?: (proxy: T) => unknown): T {
  if (!isObject(target)) {
    throw invalidArgument(`the target of a weak proxy must be an object, not ${describe(target)}`)
  }
  if (callback !== undefined) {
    checkFunction(callback, 'the callback of a weak proxy')
    return make(target, callback as (proxy: object) => unknown) as T
  }
  const shared = findShared(target, Shared.proxy) as WeakProxyHandler | undefined
  return (shared ? shared[face] : make(target, undefined)) as T
}

export function isWeakProxy(value: unknown): boolean {
  return isObject(value) && handlers.has(value)
}

/** @internal */
export function linkOfProxy(value: object): Link | undefined {
  return handlers.get(value)
}

function make(target: object, callback: ((proxy: object) => unknown) | undefined): object {
  const handler = new WeakProxyHandler(target, callback)
  const proxy = handler.makeProxy(target)
  handlers.set(proxy, handler)
  if (!callback) share(handler, Shared.proxy)
  return proxy
}
