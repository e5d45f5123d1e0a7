import { invalidArgument } from '../errors.js'
import { checkFunction, describe, isObject } from '../options.js'
import { findShared, share, Shared, type Link } from './link.js'
import { ProxyLink } from './proxy-link.js'

const links = new WeakMap<object, ProxyLink>()

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
  const shared = findShared(target, Shared.proxy) as ProxyLink | undefined
  return (shared ? shared.proxy : make(target, undefined)) as T
}

export function isWeakProxy(value: unknown): boolean {
  return isObject(value) && links.has(value)
}

/** @internal */
export function linkOfProxy(value: object): Link | undefined {
  return links.get(value)
}

function make(target: object, callback: ((proxy: object) => unknown) | undefined): object {
  const link = new ProxyLink(target, callback)
  links.set(link.proxy, link)
  if (!callback) share(link, Shared.proxy)
  return link.proxy
}
