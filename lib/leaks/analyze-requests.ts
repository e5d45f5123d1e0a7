import { checkFunction, checkInteger, checkOptions } from '../options.js'
import type { LeakDetectorOptions } from './detector-options.js'
import { LeakDetector } from './detector.js'
import type { Diagnosis } from './diagnose.js'

export interface RequestOptions {
  /** How often the handler is called. 100. */
  requests?: number
  /** A snapshot after the first of so many calls each. 10. */
  every?: number
  /** Mode `'heap'` where nothing is said. */
  detector?: LeakDetectorOptions
}

export interface RequestAnalysis {
  /** To be disposed of. */
  detector: LeakDetector
  diagnosis: Diagnosis
  report: string
}

/** Calls a handler again and again, one call after the other, and judges what stays. */
export async function analyzeRequests(
  handler: (request: number) => unknown,
  options: RequestOptions = {},
): Promise<RequestAnalysis> {
  checkFunction(handler, 'the handler')
  checkOptions(options, ['requests', 'every', 'detector'], 'analyzeRequests')
  const { requests = 100, every = 10, detector: detectorOptions = {} } = options
  checkInteger(requests, 'requests', 1, 1e9)
  checkInteger(every, 'every', 1, 1e9)
  const detector = await LeakDetector.create({ mode: 'heap', ...detectorOptions })
  try {
    await detector.snapshot('start')
    for (let i = 0; i < requests; i++) {
      await handler(i)
      if (i % every === 0) await detector.snapshot(`request ${i}`)
    }
    const diagnosis = await detector.diagnose()
    return { detector, diagnosis, report: await detector.report(diagnosis) }
  } catch (error) {
    detector[Symbol.dispose]()
    throw error
  }
}
