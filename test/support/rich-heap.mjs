// A program whose heap has something of everything; writes V8's snapshot of it to argv[2].
import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { argv } from 'node:process'
import v8 from 'node:v8'
import vm from 'node:vm'

class Order {
  #secret = { of: 'the order' }
  constructor(i) {
    this.id = i + 0.5
    this.label = `order ${i}`
    this.reveal = () => this.#secret
  }
}

class RushOrder extends Order {
  constructor(i) {
    super(i)
    this.deadline = new Date(i)
    this[Symbol('priority')] = i % 3
  }
}

const held = { maps: [], weak: [], arrays: [], functions: [], contexts: [], others: [] }
globalThis.held = held

for (let i = 0; i < 500; i++) {
  const order = i % 3 === 0 ? new RushOrder(i) : new Order(i)
  held.maps.push(
    new Map([
      [order, `value ${i}`],
      [`key ${i}`, order],
    ]),
    new Set([order, { i }]),
  )
  const big = { order, filler: `${i}`.repeat(50) }
  held.functions.push(
    () => big,
    () => order,
    order.reveal.bind(order, big),
  )
}
held.byId = new Map(Array.from({ length: 3000 }, (_, i) => [i, new Order(i)]))
held.dictionary = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`k${i}`, { i }]))
for (let i = 0; i < 1500; i++) delete held.dictionary[`k${i}`]

// Ephemerons: chains of keys, keys in several maps, keys that nothing else holds, keys in cycles.
const first = new WeakMap()
const second = new WeakMap()
let key = { start: true }
held.weak.push(first, second, key, new WeakSet([key]), new WeakRef(new Order(1)))
for (let i = 0; i < 200; i++) {
  const next = { i, payload: new Uint8Array(10 + i) }
  first.set(key, next)
  if (i % 2 === 0) second.set(key, [next, { i }])
  if (i % 5 === 0) second.set({ dropped: i }, { key })
  key = next
}
second.set(second, { self: second })

held.arrays.push(
  ...[Uint8Array, Float64Array, BigInt64Array].map((Type) => new Type(1000)),
  new DataView(new ArrayBuffer(2000)),
  new SharedArrayBuffer(500),
  Buffer.from('a buffer of its own'.repeat(1000)),
  Array.from({ length: 5000 }, (_, i) => i * 1.1),
  Array.from({ length: 500 }, (_, i) => ({ i })),
  Object.freeze([{ frozen: 1 }, { frozen: 2 }]),
  Object.assign([], { 0: 1, 100000: { sparse: true } }),
)

// Contexts: one alive, some detached but held by a function that came from them.
for (let i = 0; i < 5; i++) {
  const context = vm.createContext({ outside: new Order(i) })
  const inside = vm.runInContext('globalThis.x = { y: [1, {}] }; (() => globalThis.x)', context)
  held.contexts.push(i === 0 ? context : inside)
}

function* generator(order) {
  const local = new Order(2)
  yield order
  return local
}
const suspended = generator(new Order(3))
suspended.next()
const emitter = new EventEmitter()
for (let i = 0; i < 20; i++) emitter.on(`event ${i % 4}`, () => i)
const storage = new AsyncLocalStorage()
storage.run(new Order(4), () => held.others.push(setTimeout(() => {}, 60_000, new Order(5))))
held.others.push(
  suspended,
  emitter,
  new Proxy(new Order(6), {}),
  Promise.resolve(new Order(7)),
  new Promise(() => {}).then(() => first),
  /a(b|c)*/g,
  Symbol('a symbol'),
  12345678901234567890n,
  'a' + 'b'.repeat(100) + held.byId.size,
  'sliced out of a longer one'.slice(3, 20),
  new Intl.NumberFormat('de'),
  new URL('https://example.org/?q=1'),
  new Error('with a stack'),
  { ['odd "key"\n']: new Order(8), '<script>': { '\\': new Order(9) } },
)
held.self = held

v8.writeHeapSnapshot(argv[2])
clearTimeout(held.others[0])
