// A small web shop on node:http: what the demo watches, and what the benchmark `service` loads.
// With heapscope it tracks node's own requests and responses, through the server's options, and two
// classes of its own. One of these leaks: each order watches the price list and never stops.
import { EventEmitter } from 'node:events'
import { createServer, IncomingMessage, ServerResponse } from 'node:http'

const articles = 200

/** What a customer puts together; gone with the response. */
class Cart {
  lines = []

  add(article, price) {
    this.lines.push({ article, price, amount: 1 + (article % 3) })
  }

  total() {
    return this.lines.reduce((sum, { price, amount }) => sum + price * amount, 0)
  }
}

/** Leaks, where `leak` is on: the listener that refers to it is never removed. */
class Order {
  constructor(number, cart, prices, leak) {
    this.number = number
    this.total = cart.total()
    const onChange = (factor) => (this.total *= factor)
    prices.on('change', onChange)
    if (!leak) prices.off('change', onChange)
  }
}

/**
 * @param {{ heapscope?: typeof import('heapscope'), leak?: boolean }} [options]
 * @returns the server, not listening yet, and what it is made of
 */
export function createShop({ heapscope, leak = false } = {}) {
  const track = (cls, options) => heapscope?.trackClass(cls, options) ?? cls
  const prices = new EventEmitter().setMaxListeners(0)
  const classes = {
    Cart: track(Cart),
    Order: track(Order, { sites: 100 }),
    // They have ways to be closed, but node closes them by itself.
    IncomingMessage: track(IncomingMessage, { close: false }),
    ServerResponse: track(ServerResponse, { close: false }),
  }
  let orders = 0

  const server = createServer(
    { IncomingMessage: classes.IncomingMessage, ServerResponse: classes.ServerResponse },
    (request, response) => {
      const cart = new classes.Cart()
      for (let i = 0; i < 20; i++) cart.add((orders * 7 + i) % articles, 100 + i)
      // Every tenth customer buys.
      const order = orders++ % 10 === 0 ? new classes.Order(orders, cart, prices, leak) : undefined
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ order: order?.number, total: cart.total(), lines: cart.lines }))
    },
  )
  return { server, classes }
}

/** Resolves to the port. */
export function listen(server) {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server.address().port))
  })
}
