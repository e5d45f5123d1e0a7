import { writeSync } from 'node:fs'
import { isPromise } from 'node:util/types'
import { Listeners, textOf } from '../listeners.js'

let listening = 0
const listeners = new Listeners<[error: unknown, source: object]>('onError', (size) => {
  listening = size
})

/**
 * Calls the listener with what a callback or finalizer threw (or, asynchronous, rejected with), and
 * with the reference, proxy, method or finalizer that it belongs to. While nobody listens, each is a
 * process warning; at the process's exit, when warnings come too late, a line on stderr. A listener that
 * throws, or whose promise rejects, is a process warning too (`HEAPSCOPE_LISTENER_THREW`).
 */
export function onError(listener: (error: unknown, source: object) => unknown): Disposable {
  return listeners.add(listener)
}

/** Of what a callback returned: a promise's rejection is reported. Resolves when it is settled. */
export function reportRejection(result: unknown, source: object): Promise<void> | undefined {
  if (!isPromise(result)) return undefined
  return result.then(
    () => undefined,
    (error: unknown) => {
      report(error, source)
    },
  )
}

let exiting = false

/** From now on nobody would be told of a warning any more. */
export function reportAtOnce(): void {
  exiting = true
}

/** What a callback of the user's threw gets no further than here. */
export function report(error: unknown, source: object): void {
  if (listening > 0) {
    listeners.emit(error, source)
    return
  }
  const detail = textOf(error)
  if (exiting) {
    writeToStderr(`heapscope: a callback or finalizer threw: ${detail}\n`)
    return
  }
  process.emitWarning('a callback or finalizer of heapscope/weakref threw; see onError', {
    type: 'HeapscopeWarning',
    code: 'HEAPSCOPE_CALLBACK_THREW',
    detail,
  })
}

/** At once, and without an error where nobody reads it. */
export function writeToStderr(text: string): void {
  try {
    writeSync(2, text)
  } catch {
    // nobody reads it any more
  }
}
