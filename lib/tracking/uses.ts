import { pointConstructor } from './constructor-property.js'
import type { ClassRecord } from './record.js'

/**
 * Who wants a class's instances counted: `trackClass` itself, and each `trackExport` that carries
 * it. New instances are counted while there is anybody.
 */
const uses = new WeakMap<ClassRecord, Set<unknown>>()

export function beginUse(record: ClassRecord, user: unknown): void {
  const users = uses.get(record) ?? new Set()
  uses.set(record, users.add(user))
  setEnabled(record, true)
}

/** Ends one use, or all of them. */
export function endUse(record: ClassRecord, user?: unknown): void {
  const users = uses.get(record)
  if (user === undefined) users?.clear()
  else users?.delete(user)
  if (!users || users.size === 0) setEnabled(record, false)
}

/** Classes found deriving from it follow; one that was asked for itself stays as it is. */
function setEnabled(record: ClassRecord, enabled: boolean): void {
  record.enabled = enabled
  pointConstructor(record)
  for (const derived of record.derived) if (!derived.explicit) setEnabled(derived, enabled)
}
