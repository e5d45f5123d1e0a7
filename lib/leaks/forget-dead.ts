/** Of the dead so many are remembered: a program may have objects followed as long as it runs. */
const mostDead = 1000

/** Drops the oldest entries of what is dead, beyond so many. */
export function forgetDead<Value>(
  entries: Map<string, Value>,
  isDead: (value: Value) => boolean,
  most = mostDead,
): void {
  const dead = [...entries].filter(([, value]) => isDead(value))
  for (const [name] of dead.slice(0, Math.max(0, dead.length - most))) entries.delete(name)
}
