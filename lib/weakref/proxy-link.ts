import { face, notify } from './deliver.js'
import { forgetSlot, Link } from './link.js'
import { shellFor, WeakProxyHandler } from './proxy-handler.js'

/** The link from a weak proxy to its target. Proxy and link hold each other. */
export class ProxyLink extends Link {
  readonly proxy: object
  #callback: ((proxy: object) => unknown) | undefined

  constructor(target: object, callback: ((proxy: object) => unknown) | undefined) {
    super(target, callback !== undefined)
    this.#callback = callback
    this.proxy = new Proxy(shellFor(target, this), new WeakProxyHandler(this))
  }

  override [face](): object {
    return this.proxy
  }

  override [notify](): unknown {
    forgetSlot(this)
    const callback = this.#callback
    this.#callback = undefined
    return callback?.(this.proxy)
  }
}
