import { captureOptionNames, type CaptureOptions } from '../graph/capture.js'
import { checkOptions } from '../options.js'

/** How heap graphs are taken: `captureHeap`'s own, but for what is decided here. */
export type GraphOptions = Omit<CaptureOptions, 'objects' | 'keepIds'>

export function checkGraphOptions(capture: GraphOptions): void {
  checkOptions(capture, captureOptionNames, 'the option capture')
}
