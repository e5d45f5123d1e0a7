import { collect } from '../gc/collect.js'
import { checkFunction, checkOptions, checkPositive } from '../options.js'
import type { LeakDetectorOptions } from './detector-options.js'
import { LeakDetector } from './detector.js'
import { guarded, type Logger } from './logger.js'

export interface BatchOptions {
  /** More resident memory after a batch than before it by more than so many MB. 50. */
  limitMb?: number
  /** To clear caches, say: afterwards a full collection runs and another snapshot is taken. */
  onExceeded?: (batch: Batch) => unknown
  logger?: Pick<Logger, 'info'>
  /** How the monitor's own detector counts. */
  detector?: LeakDetectorOptions
}

export interface Batch {
  label: string
  /** By how much resident memory grew, in MB. */
  memoryDiffMb: number
  exceeded: boolean
  /** MB that clearing up has given back; null where it was not needed. */
  freedMb: number | null
}

/** For a long script that works batch by batch: call `done` after each. */
export async function monitorBatches(options: BatchOptions = {}): Promise<BatchMonitor> {
  checkOptions(options, ['limitMb', 'onExceeded', 'logger', 'detector'], 'monitorBatches')
  const { limitMb = 50, onExceeded, detector = {} } = options
  checkPositive(limitMb, 'limitMb')
  if (onExceeded !== undefined) checkFunction(onExceeded, 'onExceeded')
  const logger = guarded(options.logger, 'info')
  return new BatchMonitor({ ...options, limitMb, logger }, await LeakDetector.create(detector))
}

export class BatchMonitor implements Disposable {
  #batches = 0

  /** @internal */
  constructor(
    private readonly options: BatchOptions & { limitMb: number },
    readonly detector: LeakDetector,
  ) {}

  /** Compares with the batch before. Rejects with what `onExceeded` throws. */
  async done(label = `batch ${this.#batches + 1}`): Promise<Batch> {
    const { limitMb, onExceeded, logger } = this.options
    this.#batches++
    await this.detector.snapshot(label)
    const { memoryDiffMb } = this.detector.compare(-2, -1)
    const batch: Batch = { label, memoryDiffMb, exceeded: memoryDiffMb > limitMb, freedMb: null }
    logger?.info(`${label}: ${memoryDiffMb < 0 ? '' : '+'}${memoryDiffMb.toFixed(2)} MB`)
    if (!batch.exceeded) return batch
    await onExceeded?.(batch)
    collect()
    await this.detector.snapshot(`${label}, cleared`)
    return { ...batch, freedMb: -this.detector.compare(-2, -1).memoryDiffMb }
  }

  [Symbol.dispose](): void {
    this.detector[Symbol.dispose]()
  }
}
