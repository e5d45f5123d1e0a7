import { report, reportRejection, writeToStderr } from './errors-hook.js'

/** The moments at which finalizers run though their targets live. */
export type ExitPhase = 'exit' | 'beforeExit'

interface Pending {
  readonly atExit: boolean
  readonly phase: ExitPhase
  run(): unknown
}

/** Every finalizer that has still to run, in the order of creation: this is what holds them. */
export const pending = new Set<Pending>()

let hooked = false
/** While finalizers run at exit: those made meanwhile. */
let made: Pending[] | undefined

export function hold(finalizer: Pending): void {
  pending.add(finalizer)
  made?.push(finalizer)
  if (hooked) return
  hooked = true
  process.on('beforeExit', () => void runBeforeExit())
  process.on('exit', runAtExit)
}

/** Newest first, then those made meanwhile before the older ones. */
function* newestFirst(phase: ExitPhase): Generator<Pending> {
  const left = [...pending]
  made = []
  while (left.length > 0) {
    const next = left.pop()!
    if (!pending.has(next) || next.phase !== phase || !next.atExit) continue
    yield next
    left.push(...made.splice(0))
  }
  made = undefined
}

function runAtExit(): void {
  if (running) tellSkipped()
  for (const finalizer of newestFirst('exit')) void runSafely(finalizer)
}

let running = false

async function runBeforeExit(): Promise<void> {
  if (running) return // the loop has run empty again, while one waits for what never comes
  running = true
  for (const finalizer of newestFirst('beforeExit')) await runSafely(finalizer)
  running = false
}

/** The loop ran empty for good while one of the asynchronous waited. */
function tellSkipped(): void {
  let count = 0
  for (const { phase, atExit } of pending) if (phase === 'beforeExit' && atExit) count++
  const rest = count === 0 ? '' : `, and ${count} more did not run`
  writeToStderr(`heapscope: an asynchronous finalizer was not done at the exit${rest}\n`)
}

function runSafely(finalizer: Pending): Promise<void> | undefined {
  try {
    return reportRejection(finalizer.run(), finalizer)
  } catch (error) {
    report(error, finalizer)
    return undefined
  }
}
