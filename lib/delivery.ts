import { native } from './native.js'

/**
 * What happened inside collections reaches script later, from the event loop. A source is asked to
 * deliver after every turn in which there was a collection, and once more when the process exits.
 */
const sources = new Set<() => void>()

/** The source delivers its batch; it lets nothing escape that its listeners throw. */
export function startDelivery(source: () => void): void {
  if (sources.size === 0) {
    native.setDelivery(deliverAll)
    process.on('exit', deliverAll)
  }
  sources.add(source)
}

export function stopDelivery(source: () => void): void {
  if (!sources.delete(source) || sources.size > 0) return
  native.setDelivery(undefined)
  process.off('exit', deliverAll)
}

function deliverAll(): void {
  const before = native.gcEventsWritten()
  for (const deliver of [...sources]) {
    if (sources.has(deliver)) deliver()
  }
  // What the listeners themselves brought about: the loop may go to sleep before it looks again.
  if (sources.size > 0 && native.gcEventsWritten() !== before) setImmediate(deliverAll)
}
