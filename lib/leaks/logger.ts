import { callGuarded } from '../listeners.js'
import { checkFunction } from '../options.js'

/** What is written to: `console` is one, and so is every usual logging library. */
export interface Logger {
  info(message: string): void
  warn(message: string): void
}

/** The same, but what it throws becomes a process warning: a log that fails must end nothing else. */
export function guarded<Level extends keyof Logger>(
  logger: Pick<Logger, Level> | undefined,
  ...levels: Level[]
): Pick<Logger, Level> {
  const write = (level: Level) => {
    if (logger === undefined) return () => {}
    checkFunction(logger[level], `logger.${level}`)
    const lines: Record<Level, (message: string) => unknown> = logger // it may be asynchronous
    return (message: string) => {
      callGuarded('the logger', () => lines[level](message))
    }
  }
  return Object.fromEntries(levels.map((level) => [level, write(level)])) as Pick<Logger, Level>
}
