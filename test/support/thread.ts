import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { dist } from './fixture.js'

/**
 * A worker that runs `source`, in which 'heapscope' can be required. `flag` is memory shared with
 * it: `Atomics.load(flag, 0)` there shows what was stored here, also while it is blocked.
 */
export class Thread implements AsyncDisposable {
  readonly flag = new Int32Array(new SharedArrayBuffer(4))
  readonly worker: Worker

  constructor(source: string) {
    const prelude = `
      const { parentPort, workerData: flag } = require('node:worker_threads')
      const goOn = () => Atomics.load(flag, 0) === 0
      function allocate() {
        const held = []
        for (let i = 0; i < 1000; i++) held.push({ made: [i] })
        return held
      }
    `
    this.worker = new Worker(prelude + source.replaceAll("'heapscope'", JSON.stringify(dist)), {
      eval: true,
      workerData: this.flag,
    })
  }

  get id(): number {
    return this.worker.threadId
  }

  async message(): Promise<unknown> {
    const [message] = (await once(this.worker, 'message')) as [unknown]
    return message
  }

  /** Ends what waits for `goOn()` in the thread. */
  release(): void {
    Atomics.store(this.flag, 0, 1)
    Atomics.notify(this.flag, 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release()
    await this.worker.terminate()
  }
}
