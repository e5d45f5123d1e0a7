import { pointConstructor } from './constructor-property.js'
import type { ClassRecord } from './record.js'

/**
 * Who wants a class's instances counted: `trackClass` itself, and each `trackExport` that carries
 * it. New instances are counted while there is anybody.
 */
const uses = new WeakMap<ClassRecord, Set<unknown>>()

/** Asked for, but found as a subclass before. */
const found = new WeakSet<ClassRecord>()

export function beginUse(record: ClassRecord, user: unknown): void {
  const users = uses.get(record) ?? new Set()
  uses.set(record, users.add(user))
  if (!record.explicit) found.add(record)
  record.explicit = true
  setEnabled(record, true)
}

/** Ends all uses: new instances are not counted any more. */
export function endUses(record: ClassRecord): void {
  uses.get(record)?.clear()
  setEnabled(record, false)
}

/** Ends one use. After the last the class is again what it was: not tracked, or as its base is. */
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
