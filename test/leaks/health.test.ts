import { setImmediate as nextTurn } from 'node:timers/promises'
import { collect, trackClass, tracker } from 'heapscope'
import { findOrphaned, healthCheck, LeakDetector, monitorBatches } from 'heapscope/leaks'
import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.restoreAllMocks()
  delete (globalThis as any).heapscopeHeld
})
const held = globalThis as { heapscopeHeld?: any }

test('T45: services with 1, 1 and 0 requests are three rows', () => {
  class AuthRequest {}
  class PaymentRequest {}
  class UserRequest {}
  const [Auth, Payment] = [AuthRequest, PaymentRequest, UserRequest].map((cls) => trackClass(cls))
  held.heapscopeHeld = [new Auth!(), new Payment!()]
  const { ok, classes, uptimeSeconds } = healthCheck()
  const activeOf = (name: string) => classes.find(({ className }) => className === name)!.active
  expect(['AuthRequest', 'PaymentRequest', 'UserRequest'].map(activeOf)).toEqual([1, 1, 0])
  expect(uptimeSeconds).toBeGreaterThanOrEqual(0)
  expect(ok).toBe(true)
})

test('T49: more active than ended is a warning only where that rule is asked for', () => {
  class Handle {
    close() {}
  }
  const Tracked = trackClass(Handle)
  const handles = Array.from({ length: 5 }, () => new Tracked())
  held.heapscopeHeld = handles
  const warnings = () => healthCheck({ activeOverDeleted: true }).warnings.join()
  for (const handle of handles.slice(0, 2)) handle.close()
  expect(warnings()).toContain('possible leak of Handle: 3 active, 2 ended')
  expect(healthCheck().warnings.join()).not.toContain('Handle')
  handles.push(new Tracked())
  for (const handle of handles.slice(2, 4)) handle.close()
  expect(warnings()).not.toContain('Handle')
})

test('more active instances than the limit, and a verdict that is not ok, are warnings', async () => {
  class Many {}
  const Tracked = trackClass(Many)
  using detector = await LeakDetector.create({ periods: 3, collect: true })
  const made: object[] = (held.heapscopeHeld = [])
  for (let i = 0; i < 3; i++) {
    for (let k = 0; k < 400; k++) made.push(new Tracked())
    await detector.snapshot()
  }
  const { ok, warnings } = healthCheck({ detector })
  expect(ok).toBe(false)
  expect(warnings[0]).toContain('1,2')
  expect(warnings[1]).toMatch(/^leak: Many grew in each of 3 periods/)
})

test('T50: what is orphaned falls into three kinds, each with its path or site', async () => {
  class Session {
    close() {}
  }
  const Tracked = trackClass(Session, { sites: 1 })
  await findOrphaned() // from here on the unclosed are recorded
  const make = (): void => {
    const closed = new Tracked()
    closed.close()
    const pooled = new Tracked()
    held.heapscopeHeld = { closed, pool: [pooled], open: new Tracked() }
    const inTimer = new Tracked()
    held.heapscopeHeld.timer = setTimeout(() => inTimer.close(), 1e6).unref()
    new Tracked()
  }
  make()
  await nextTurn()
  const dropTimer = (): void => {
    delete held.heapscopeHeld.timer
  }
  dropTimer()
  for (let i = 0; i < 3; i++) {
    collect()
    await nextTurn()
  }
  const found = await findOrphaned({ holders: { pool: held.heapscopeHeld.pool } })
  const own = <T extends { className: string }>(rows: T[]) =>
    rows.filter(({ className }) => className === 'Session')
  expect(own(found.closedButReferenced).map(({ path }) => path!.text)).toEqual([
    'global.heapscopeHeld → Object.closed → Session',
  ])
  expect(
    own(found.openOnlyIn)
      .map(({ holder }) => holder)
      .sort(),
  ).toEqual(['a timer', 'pool'])
  const [lost, ...more] = own(found.collectedUnclosed)
  expect(more).toEqual([])
  expect(lost!.site).toContain('health.test.ts')
  expect(tracker.stats(Tracked).collectedUnclosed).toBe(1)
})

test('wrong options are refused', async () => {
  expect(() => healthCheck({ detector: {} as never })).toThrow(/detector must be a LeakDetector/)
  expect(() => healthCheck({ activeOverDeleted: 'x' as never })).toThrow(/true or false/)
  await expect(findOrphaned({ holders: { pool: 5 } as never })).rejects.toThrow(
    /holders\.pool must/,
  )
  await expect(findOrphaned({ holders: 5 as never })).rejects.toThrow(/holders must be/)
})

test('batches are compared one by one, and clearing up follows where one takes too much', async () => {
  const usage = process.memoryUsage()
  let rssMb = 100
  const faked = () => ({ ...usage, rss: rssMb * 2 ** 20 })
  vi.spyOn(process, 'memoryUsage').mockImplementation(faked)
  const lines: string[] = []
  const onExceeded = vi.fn(() => (rssMb = 120))
  using monitor = await monitorBatches({
    onExceeded,
    logger: { info: (line) => void lines.push(line) },
  })
  rssMb = 150
  expect(await monitor.done()).toMatchObject({ memoryDiffMb: 50, exceeded: false, freedMb: null })
  rssMb = 200.5
  expect(await monitor.done('import')).toMatchObject({ exceeded: true, freedMb: 80.5 })
  expect(onExceeded).toHaveBeenCalledTimes(1)
  expect(lines).toEqual(['batch 1: +50.00 MB', 'import: +50.50 MB'])
  await expect(monitorBatches({ limitMb: -1 })).rejects.toThrow(RangeError)
})
