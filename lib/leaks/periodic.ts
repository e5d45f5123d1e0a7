/**
 * Calls again and again, never while a call is still under way: then that one is left out. Does not
 * keep the process alive.
 */
export class Periodic {
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined

  constructor(
    private readonly everyMs: number,
    private readonly call: () => unknown,
    /** Told what the call throws or rejects with. */
    private readonly onError: (error: unknown) => void,
  ) {}

  get active(): boolean {
    return this.#timer !== undefined
  }

  /** False where it was started already. */
  start(): boolean {
    if (this.#timer) return false
    this.#timer = setInterval(() => {
      this.#tick()
    }, this.everyMs).unref()
    return true
  }

  /** Resolves once a call under way has ended; to false where it was not started. */
  async stop(): Promise<boolean> {
    const was = this.#timer !== undefined
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#running
    return was
  }

  #tick(): void {
    this.#running ??= Promise.resolve()
      .then(async () => {
        await this.call()
      })
      .catch(this.onError)
      .finally(() => {
        this.#running = undefined
      })
  }
}
