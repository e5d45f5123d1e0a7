import { native } from '../native.js'

const offsetMs = Date.now() - native.coarseNowMs()

/** A moment of the addon's coarse clock as ISO 8601 in UTC; one offset for all, so ages agree. */
export function toIso(coarseMs: number): string {
  return new Date(coarseMs + offsetMs).toISOString()
}
