/** The native half keeps a site in 12 bits; 0 says that there is none. */
const mostSites = 0xfff
const stackDepth = 10
const tooMany = '(more different stacks than are kept)'

/** The stacks that made instances of one class, each kept once, at most 4094 different ones. */
export class SiteTable {
  readonly #stacks: string[] = ['']
  readonly #indexes = new Map<string, number>()
  #untilNext = 0
  /** 0: none are taken any more. */
  oneIn = 0

  /** The current stack's index if it is this instance's turn, else 0. */
  next(below: CallableFunction, derivedNames: () => readonly string[] = () => []): number {
    if (this.oneIn === 0 || this.#untilNext-- > 0) return 0
    // A random distance, or a program with a rhythm of its own would show only some of its sites.
    this.#untilNext = Math.floor(Math.random() * (2 * this.oneIn - 1))
    return this.#indexOf(captureStack(below, derivedNames()))
  }

  stackOf(site: number): string | undefined {
    return site === 0 ? undefined : this.#stacks[site]
  }

  #indexOf(stack: string): number {
    const known = this.#indexes.get(stack)
    if (known !== undefined) return known
    if (this.#stacks.length === mostSites) {
      this.#stacks.push(tooMany)
    }
    if (this.#stacks.length > mostSites) return mostSites
    this.#indexes.set(stack, this.#stacks.length)
    return this.#stacks.push(stack) - 1
  }
}

/**
 * The frames that lead to the construction, the caller's first: without ours, from `below` upwards,
 * and without those of derived constructors on their way to `super`.
 */
function captureStack(below: CallableFunction, derivedNames: readonly string[]): string {
  const stackTraceLimit = Error.stackTraceLimit
  const prepareStackTrace: unknown = Reflect.get(Error, 'prepareStackTrace')
  const holder: { stack?: string } = {}
  // A program's own formatting may run anything, and throw in the middle of a construction.
  Reflect.set(Error, 'prepareStackTrace', undefined)
  Reflect.set(Error, 'stackTraceLimit', stackDepth + derivedNames.length)
  Error.captureStackTrace(holder, below)
  const stack = String(holder.stack)
  Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  Reflect.set(Error, 'prepareStackTrace', prepareStackTrace)
  const frames = stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .map((line) => line.slice('    at '.length))
  for (const name of derivedNames) {
    if (frames[0]?.startsWith(`new ${name || '<anonymous>'} `)) frames.shift()
  }
  return frames.slice(0, stackDepth).join('\n')
}
