import { isAsyncFunction } from 'node:util/types'
import { inspect } from 'node:util'
import { invalidArgument } from '../errors.js'
import { checkFunction, checkOptions, checkWord, describe } from '../options.js'
import { notify } from './deliver.js'
import { hold, pending, type ExitPhase } from './exit.js'
import { cancel, forgetSlot, Link, targetOf } from './link.js'
import { describeLink } from './reference.js'
import { checkTarget, type Target } from './target.js'

type AnyFunction = (...args: never[]) => unknown

export interface FinalizeOptions {
  /** Whether it runs when the process ends while its target lives. true. */
  atExit?: boolean
  /**
   * When: `'exit'`, the default, is the last moment, also after `process.exit()`, and synchronous;
   * `'beforeExit'` is when the event loop has run empty, and an asynchronous function is awaited.
   */
  phase?: ExitPhase
}

/** What a finalizer is made of. */
export interface FinalizerParts<T extends Target, F extends AnyFunction> {
  target: T
  fn: F
  args: Parameters<F>
}

/** A function to be called once when its target is dead. Made by `finalize`; holds itself till then. */
export class Finalizer<
  T extends Target = Target,
  F extends AnyFunction = AnyFunction,
> extends Link {
  #call: { fn: F; args: Parameters<F> } | undefined
  #atExit: boolean
  /** When it runs if the process ends first. */
  readonly phase: ExitPhase

  /** @internal */
  constructor(
    target: T,
    fn: F,
    args: Parameters<F>,
    { atExit = true, phase = 'exit' }: FinalizeOptions,
  ) {
    super(target, true)
    this.#call = { fn, args }
    this.#atExit = atExit
    this.phase = phase
    hold(this)
  }

  /** Whether it has still to run. */
  get alive(): boolean {
    return this.#call !== undefined
  }

  /** Calls the function now, whose errors are the caller's; from the second time on does nothing. */
  run(): ReturnType<F> | undefined {
    const call = this.#end()
    return call && (call.fn(...call.args) as ReturnType<F>)
  }

  /** Gives up: the function will not run. What it was made of, or undefined when it is too late. */
  detach(): FinalizerParts<T, F> | undefined {
    const parts = this.peek()
    if (parts) this.#end()
    return parts
  }

  /** What it was made of; undefined once it has run or its target is dead. Holds nothing. */
  peek(): FinalizerParts<T, F> | undefined {
    const target = targetOf(this) as T | undefined
    return this.#call && target !== undefined ? { target, ...this.#call } : undefined
  }

  /**
   * Whether it runs at the process's exit. False once it has run; setting it then has no effect.
   *
   * @throws {TypeError} when set to anything but a boolean, or to true of an asynchronous function
   */
  get atExit(): boolean {
    return this.#atExit && this.alive
  }

  set atExit(on: boolean) {
    checkBoolean(on, 'atExit')
    if (!this.#call) return
    if (on) checkExit(this.#call.fn, this.phase)
    this.#atExit = on
  }

  override toString(): string {
    return this.alive ? describeLink(this, 'Finalizer') : 'Finalizer (done)'
  }

  [inspect.custom](): string {
    return `<${this.toString()}>`
  }

  /** @internal */
  override [notify](): unknown {
    forgetSlot(this)
    return this.run()
  }

  #end(): { fn: F; args: Parameters<F> } | undefined {
    const call = this.#call
    this.#call = undefined
    if (call) cancel(this)
    pending.delete(this)
    return call
  }
}

/**
 * Calls `fn(...args)` once when the target is dead, from the event loop after the collection that
 * found it so; or when the process exits before. Needs not be kept: it holds itself until then, and
 * with it `fn` and `args`, so these must not lead to the target. What `fn` throws goes to `onError`.
 *
 * @throws {TypeError} of a target that cannot be held weakly; where `fn` or an argument is the target
 *   itself; of an asynchronous function, which could not finish at exit (`finalize.with`)
 */
export function finalize<T extends Target, F extends AnyFunction>(
  target: T,
  fn: F,
  ...args: Parameters<F>
): Finalizer<T, F> {
  return finalizeWith({}, target, fn, ...args)
}

/** The same with options: whether, and when, it runs at the end of the process. */
finalize.with = finalizeWith

function finalizeWith<T extends Target, F extends AnyFunction>(
  options: FinalizeOptions,
  target: T,
  fn: F,
  ...args: Parameters<F>
): Finalizer<T, F> {
  checkOptions(options, ['atExit', 'phase'], 'finalize.with')
  const { atExit = true, phase = 'exit' } = options
  checkBoolean(atExit, 'atExit')
  checkWord(phase, ['exit', 'beforeExit'], 'phase')
  checkTarget(target, 'the target of a finalizer')
  checkFunction(fn, 'the function of a finalizer')
  if ([fn, ...args].some((each: unknown) => each === target)) {
    throw invalidArgument(
      'a finalizer holds its function and arguments: with the target among them it could never die',
    )
  }
  if (atExit) checkExit(fn, phase)
  return new Finalizer(target, fn, args, { atExit, phase })
}

function checkExit(fn: AnyFunction, phase: ExitPhase): void {
  if (phase !== 'exit' || !isAsynchronous(fn)) return
  throw invalidArgument(
    'an asynchronous function cannot finish at the exit of the process: use ' +
      "finalize.with({ phase: 'beforeExit' }, …) to have it awaited before, or { atExit: false }",
  )
}

const asyncPrototype: unknown = Object.getPrototypeOf(async () => {})

/** A bound function has the prototype of what is bound. */
function isAsynchronous(fn: AnyFunction): boolean {
  return isAsyncFunction(fn) || Object.getPrototypeOf(fn) === asyncPrototype
}

function checkBoolean(value: unknown, name: string): void {
  if (typeof value !== 'boolean') {
    throw invalidArgument(`${name} must be true or false, not ${describe(value)}`)
  }
}
