import { invalidArgument } from '../errors.js'
import { checkInteger, checkOptions, checkWord, describe } from '../options.js'
import { graphOptions, type GraphOptions } from './graph-options.js'
import { defaultPeriods, type VerdictOptions } from './verdict.js'

export interface LeakDetectorOptions extends VerdictOptions {
  /**
   * `'counts'` (the default) counts the instances of tracked classes: microseconds a class, no pause.
   * `'heap'` takes a graph for every snapshot: all classes, with sizes, at the cost of `captureHeap`.
   */
  mode?: 'counts' | 'heap'
  /** Runs a full collection before the first snapshot. true. */
  collectOnInit?: boolean
  /**
   * Runs a full collection before every snapshot. false: in mode `'counts'` what is dead but not
   * collected yet is counted, and the heap's growth is read from the collections that V8 runs by
   * itself. A graph contains nothing dead in either case.
   */
  collect?: boolean
  /** Counts all other classes too, in mode `'counts'`, at the cost of `census`. false. */
  census?: boolean
  /** The oldest go first. At least one more than `periods`, which a verdict needs. 100. */
  maxSnapshots?: number
  /** How graphs are taken. */
  capture?: GraphOptions
}

export type CheckedDetectorOptions = Required<Omit<LeakDetectorOptions, keyof VerdictOptions>> & {
  verdict: VerdictOptions
}

const flags = ['collectOnInit', 'collect', 'census'] as const
const known = ['mode', ...flags, 'maxSnapshots', 'capture']
const ofVerdict = ['periods', 'threshold', 'thresholdBytes']

export function checkDetectorOptions(options: LeakDetectorOptions): CheckedDetectorOptions {
  checkOptions(options, [...known, ...ofVerdict], 'LeakDetector.create')
  const { mode = 'counts', collectOnInit = true, collect = false, census = false } = options
  const { periods, threshold, thresholdBytes } = options
  const capture = graphOptions(options.capture)
  checkWord(mode, ['counts', 'heap'], 'mode')
  for (const flag of flags) {
    const value = options[flag]
    if (value === undefined || typeof value === 'boolean') continue
    throw invalidArgument(`${flag} must be true or false, not ${describe(value)}`)
  }
  if (periods !== undefined) checkInteger(periods, 'periods', 3, 1000)
  const least = (periods ?? defaultPeriods) + 1
  const { maxSnapshots = Math.max(100, least) } = options
  checkInteger(maxSnapshots, 'maxSnapshots', least, 1e6)
  if (threshold !== undefined) checkInteger(threshold, 'threshold', 0, 1e9)
  if (thresholdBytes !== undefined) checkInteger(thresholdBytes, 'thresholdBytes', 0, 1e15)
  const verdict: VerdictOptions = {
    ...(periods !== undefined && { periods }),
    ...(threshold !== undefined && { threshold }),
    ...(thresholdBytes !== undefined && { thresholdBytes }),
  }
  return { mode, collectOnInit, collect, census, maxSnapshots, capture, verdict }
}
