import { HeapscopeError } from '../errors.js'
import { native } from '../native.js'
import { metas, type InstanceMeta } from './record.js'

/** Marks an instance as closed, once; of an object that is not tracked, nothing. */
export function closeInstance(instance: object): void {
  const meta = metas.get(instance)
  if (meta) markClosed(meta, instance)
}

/** Idempotent. */
export function markClosed(meta: InstanceMeta, instance: object): void {
  if (meta.closedAtMs !== null) return
  meta.closedAtMs = native.coarseNowMs()
  native.closeInstance(meta.record.index, meta.slot, instance)
}

/** Refuses a closed instance, naming it. */
export function checkOpen(meta: InstanceMeta): void {
  if (meta.closedAtMs === null) return
  throw new HeapscopeError(
    'ERR_HEAPSCOPE_ALREADY_CLOSED',
    `${meta.record.name}#${meta.id ?? '?'} is closed already`,
  )
}
