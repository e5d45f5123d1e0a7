// The heap of a service: `fillShop(orders)` for those who want it alive;
// `node shop-heap.mjs ORDERS FILE` writes V8's snapshot of it.
import { argv } from 'node:process'
import { pathToFileURL } from 'node:url'
import v8 from 'node:v8'

class Customer {
  constructor(id) {
    this.id = id + 0.5
    this.name = `customer number ${id}`
    this.address = { street: `street ${id % 5000}`, city: 'Wuppertal' }
  }
}

class Item {
  constructor(order, i) {
    this.order = order
    this.sku = `sku-${i % 100_000}`
    this.price = i * 1.01
  }
}

class Order {
  constructor(id, customer, previous) {
    this.id = id
    this.customer = customer
    this.previous = previous
    this.items = [new Item(this, id), new Item(this, id + 1)]
    this.onPaid = () => this.id
  }
}

/** About 13 nodes an order: objects, numbers, strings, arrays, closures and their contexts. */
export function fillShop(orders) {
  const shop = { byId: new Map(), latest: [], customers: [] }
  for (let i = 0; i < orders; i++) {
    if (i % 4 === 0) shop.customers.push(new Customer(i))
    const customer = shop.customers[(i * 7919) % shop.customers.length]
    const order = new Order(i, customer, shop.latest[i % 1000])
    shop.byId.set(`order ${i}`, order)
    shop.latest[i % 1000] = order
  }
  return shop
}

if (import.meta.url === pathToFileURL(argv[1]).href) {
  globalThis.shop = fillShop(Number(argv[2]))
  v8.writeHeapSnapshot(argv[3])
}
