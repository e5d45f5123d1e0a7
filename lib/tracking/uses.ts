import { pointConstructor } from './constructor-property.js'
import type { ClassRecord } from './record.js'

/**
 * Who wants a class's instances counted: `trackClass` itself, and each `trackExport` that carries
 * it. New instances are counted while there is anybody.
 */
const uses = new WeakMap<ClassRecord, Set<unknown>>()

/** Asked for, but found as a subclass before, and counted as its base is. */
const found = new WeakSet<ClassRecord>()

export function beginUse(record: ClassRecord, user: unknown): void {
  const users = uses.get(record) ?? new Set()
  uses.set(record, users.add(user))
  if (!record.explicit && record.enabled === record.base!.enabled) found.add(record)
  record.explicit = true
  setEnabled(record, true)
}

/** Ends all uses: new instances are not counted any more. */
export function endUses(record: ClassRecord): void {
  uses.get(record)?.clear()
  found.delete(record) // from now on it is one that is not tracked
  setEnabled(record, false)
}

/** Ends one use. After the last, new instances are counted as before the first: not, or as the base's. */
export function endUse(record: ClassRecord, user: unknown): void {
  const users = uses.get(record)
  users?.delete(user)
  if (users && users.size > 0) return
  record.explicit = !found.has(record)
  setEnabled(record, !record.explicit && record.base!.enabled)
}

/** Classes found deriving from it follow; one that was asked for itself stays as it is. */
function setEnabled(record: ClassRecord, enabled: boolean): void {
  record.enabled = enabled
  pointConstructor(record)
  for (const derived of record.derived) if (!derived.explicit) setEnabled(derived, enabled)
}
