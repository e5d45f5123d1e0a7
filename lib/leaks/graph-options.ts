import { captureOptionNames, type CaptureOptions } from '../graph/capture.js'
import { checkOptions } from '../options.js'

/**
 * How heap graphs are taken: `captureHeap`'s own, but for what is decided here. `whenBusy` is `'wait'`
 * unless given.
 */
export type GraphOptions = Omit<CaptureOptions, 'objects' | 'keepIds'>

/**
 * Checked, and with what is different here: tools that take graphs by themselves, at intervals of their
 * own, wait for each other.
 */
export function graphOptions(capture: GraphOptions = {}): GraphOptions {
  checkOptions(capture, captureOptionNames, 'the option capture')
  return { ...capture, whenBusy: capture.whenBusy ?? 'wait' }
}
