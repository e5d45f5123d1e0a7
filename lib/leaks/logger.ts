/** What is written to: `console` is one, and so is every usual logging library. */
export interface Logger {
  info(message: string): void
  warn(message: string): void
}
