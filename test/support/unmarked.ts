import { collect } from 'heapscope'
import { beforeEach } from 'vitest'

/**
 * What V8 had begun to mark is ended before each test: `collect` would end it first, as a collection of its
 * own, where a test expects one.
 */
export function beginUnmarked(): void {
  beforeEach(() => {
    collect()
  })
}
