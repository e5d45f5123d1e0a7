import { HeapscopeError } from '../errors.js'
import { native } from '../native.js'
import { metas, type InstanceMeta } from './metas.js'

/** Closed by their own constructors, or never counted: it shows when the construction ends. */
const closedBefore = new WeakSet()

/** Marks an instance as closed, once; of an object that is not counted, nothing. */
export function closeInstance(instance: object): void {
  const meta = metas.get(instance)
  if (meta) markClosed(meta, instance)
  else closedBefore.add(instance)
}

/** An instance is counted now. */
export function addMeta(instance: object, meta: InstanceMeta): void {
  metas.set(instance, meta)
  if (closedBefore.has(instance)) markClosed(meta, instance)
}

/** Idempotent. */
export function markClosed(meta: InstanceMeta, instance: object): void {
  if (meta.closedAtMs !== null) return
  meta.closedAtMs = native.coarseNowMs()
  if (!meta.record.ended) native.closeInstance(meta.index, meta.slot, instance)
}

/** Refuses a closed instance, naming it. */
export function checkOpen(meta: InstanceMeta): void {
  if (meta.closedAtMs === null) return
  throw new HeapscopeError(
    'ERR_HEAPSCOPE_ALREADY_CLOSED',
    `${meta.record.name}#${meta.id ?? '?'} is closed already`,
  )
}
