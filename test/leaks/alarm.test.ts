import { createServer } from 'node:http'
import { once } from 'node:events'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { trackClass } from 'heapscope'
import {
  createAlarm,
  emailSink,
  logSink,
  webhookSink,
  type Alert,
  type AlarmOptions,
} from 'heapscope/leaks'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

class Thing {}
const Tracked = trackClass(Thing)
const mebibyte = 2 ** 20
let rssMb = 100
let kept: object[] = []

beforeEach(() => {
  rssMb = 100
  kept = []
  const usage = process.memoryUsage()
  const faked = () => ({ ...usage, rss: rssMb * mebibyte })
  vi.spyOn(process, 'memoryUsage').mockImplementation(faked)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const alarmWith = (options: AlarmOptions = {}) =>
  createAlarm({ ...options, detector: { collect: true, ...options.detector } })
/** Ends in a turn of its own: a frame may hold the last. */
const makeGarbage = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) new Tracked()
  await new Promise((resolve) => setImmediate(resolve))
}
const keep = (count: number): void => {
  while (kept.length < count) kept.push(new Tracked())
}

test('L25: above a limit it fires, at the limit it does not, and both are one alert', async () => {
  await using alarm = await alarmWith()
  rssMb = 600
  keep(10_000)
  expect(await alarm.check()).toBeNull()
  rssMb = 601
  expect((await alarm.check())!.messages).toEqual(['memory grew by 501.00 MB, the limit is 500'])
  keep(10_001)
  expect((await alarm.check())!.messages).toHaveLength(2)
  rssMb = 600
  expect((await alarm.check())!.messages).toEqual(['objects grew by 10,001, the limit is 10,000'])
})

test('L25: with its default options it counts the living: the dead are no alert, in whatever number', async () => {
  await using alarm = await createAlarm()
  await makeGarbage(12_000)
  expect(await alarm.check()).toBeNull()
  expect(alarm.detector.snapshots).toHaveLength(2)
  keep(10_000)
  await makeGarbage(12_000)
  expect(await alarm.check()).toBeNull()
  keep(10_001)
  expect((await alarm.check())!.messages).toEqual(['objects grew by 10,001, the limit is 10,000'])
})

test('L26: the text has the time, the messages and the types that grew', async () => {
  const told: string[] = []
  await using alarm = await alarmWith({
    objects: 10,
    sinks: [logSink({ warn: (line) => void told.push(line) })],
  })
  keep(1234)
  const { text, time, topTypes } = (await alarm.check())!
  await alarm.delivered()
  expect(told).toEqual([text])
  expect(text).toContain(`${time} memory alarm: objects grew by 1,234, the limit is 10`)
  expect(text).toContain('\n- Thing: +1,234')
  expect(topTypes).toContainEqual({ type: 'Thing', growth: 1234 })
})

test('L26: of seven types that grew the text has the five that grew most', async () => {
  const classes = [100, 700, 300, 500, 200, 600, 400].map((count) => {
    const Type = trackClass(class {}, { name: `Type${count}` })
    return { count, Type }
  })
  await using alarm = await alarmWith({ objects: 10 })
  for (const { count, Type } of classes) {
    for (let i = 0; i < count; i++) kept.push(new Type())
  }
  const { text, topTypes } = (await alarm.check())!
  expect(topTypes).toHaveLength(5)
  expect(text.split('\n').slice(1)).toEqual(
    [700, 600, 500, 400, 300].map((count) => `- Type${count}: +${count}`),
  )
})

test.each([
  ['every', 5, 7],
  ['once', 1, 1],
  ['rearm', 1, 2],
] as const)('L27: exceeded for five periods, %s', async (repeat, during, after) => {
  const alerts: Alert[] = []
  await using alarm = await alarmWith({ repeat, sinks: [(alert) => alerts.push(alert)] })
  rssMb = 1000
  for (let i = 0; i < 5; i++) await alarm.check()
  await alarm.delivered()
  expect(alerts).toHaveLength(during)
  rssMb = 100
  await alarm.check()
  rssMb = 1000
  await alarm.check()
  await alarm.check()
  await alarm.delivered()
  expect(alerts).toHaveLength(after)
})

test('L29: a sink that throws, rejects or hangs keeps nobody else from being told', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'setTimeout', 'clearTimeout', 'clearInterval'] })
  const told = vi.fn()
  const hanging = vi.fn(() => new Promise(() => {}))
  const alarm = await alarmWith({
    everyMs: 1000,
    sinkTimeoutMs: 5000,
    sinks: [
      () => {
        throw new Error('thrown')
      },
      () => Promise.reject(new Error('rejected')),
      hanging,
      told,
    ],
  })
  rssMb = 1000
  for (let period = 1; period <= 3; period++) {
    await vi.advanceTimersByTimeAsync(1000)
    await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(period))
  }
  // Not called again while it hangs: that is an error of its own.
  expect(alarm.errorCount).toBe(3 + 3 + 2)
  expect(hanging).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(5000)
  expect(hanging).toHaveBeenCalledTimes(2) // it was given up in between
  expect(alarm.errors.join()).toContain('longer than 5000 ms')
  rssMb = 100
  const ending = alarm[Symbol.asyncDispose]()
  await vi.advanceTimersByTimeAsync(5000)
  await ending
})

test.each(['once', 'rearm'] as const)(
  'L27: an alert that nobody took is tried again, %s',
  async (repeat) => {
    const told = vi.fn().mockRejectedValueOnce(new Error('down'))
    const alsoDown = vi.fn().mockRejectedValue(new Error('down'))
    await using alarm = await alarmWith({ repeat, sinks: [told, alsoDown] })
    rssMb = 1000
    for (let i = 0; i < 4; i++) {
      await alarm.check()
      await alarm.delivered()
    }
    expect(told).toHaveBeenCalledTimes(2)
  },
)

test('what an error was caused by is kept', async () => {
  const down = new TypeError('fetch failed', { cause: new Error('connection refused') })
  await using alarm = await alarmWith({ sinks: [() => Promise.reject(down)] })
  rssMb = 1000
  await alarm.check()
  await alarm.delivered()
  expect(alarm.errors[0]).toMatch(/fetch failed[^]*connection refused/)
})

test('a webhook gets the alert as JSON, and an answer of failure is an error', async () => {
  const bodies: unknown[] = []
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      bodies.push(body)
      response.writeHead(bodies.length === 1 ? 204 : 500).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await using alarm = await alarmWith({ sinks: [webhookSink(`http://127.0.0.1:${port}/`)] })
  rssMb = 1000
  const alert = await alarm.check()
  await alarm.delivered()
  expect(bodies).toEqual([alert])
  expect(alarm.errorCount).toBe(0)
  await alarm.check()
  await alarm.delivered()
  expect(alarm.errors.join()).toContain('the webhook answered 500')
  server.close()
  server.closeAllConnections()
})

test('a mail goes through nodemailer', async () => {
  const send = emailSink({
    transport: { jsonTransport: true },
    from: 'a@b.example',
    to: 'c@d.example',
  })
  await expect(send({ text: 'memory alarm' } as Alert)).resolves.toBeUndefined()
})

test('a mail server that does not answer is left', async () => {
  const ended: Promise<unknown>[] = []
  const server = createTcpServer((socket) => void ended.push(once(socket, 'close'))).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  // The greeting alone is to be late: with every time as short, another may be up before it.
  const longer = 'connectionTimeout=30000&socketTimeout=30000'
  const send = emailSink({
    transport: `smtp://127.0.0.1:${port}?${longer}`,
    from: 'a@b.example',
    to: 'c@d.example',
    timeoutMs: 50,
  })
  await expect(send({ text: 'memory alarm' } as Alert)).rejects.toThrow(/[Gg]reeting/)
  await Promise.all(ended)
  expect(ended).toHaveLength(1)
  server.close()
})

test.each<[string, () => unknown, string]>([
  [
    'an address that is none',
    () => webhookSink('example.org'),
    'webhookSink takes an http or https URL',
  ],
  [
    'another protocol',
    () => webhookSink('ftp://example.org'),
    'webhookSink takes an http or https URL',
  ],
  ['a header that cannot be', () => webhookSink('http://a', { headers: { 'a b': '' } }), 'headers'],
  [
    'an unknown option',
    () => webhookSink('http://a', { headerz: {} } as never),
    'should be "headers"',
  ],
  [
    'no options for mails',
    () => emailSink(undefined as never),
    'emailSink takes an options object',
  ],
  ['no transport', () => emailSink({ from: 'a', to: 'b' } as never), 'transport must be'],
  ['no receiver', () => emailSink({ transport: {}, from: 'a' } as never), 'to must be'],
])('a sink is refused when it is made: %s', (_, make, message) => {
  expect(make).toThrow(expect.objectContaining({ code: 'ERR_HEAPSCOPE_INVALID_ARG' }))
  expect(make).toThrow(message)
})

test('a timeout that is no whole number of milliseconds is refused when the sink is made', () => {
  expect(() => webhookSink('http://a', { timeoutMs: 1.5 })).toThrow(RangeError)
})

test('once stopped it tells nobody any more', async () => {
  const told = vi.fn()
  const alarm = await alarmWith({ everyMs: 1, sinks: [told] })
  await alarm.stop()
  rssMb = 1000
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(told).not.toHaveBeenCalled()
  expect(alarm.errorCount).toBe(0)
})

test('what cannot log is refused when the sink is made', () => {
  expect(() => logSink({} as never)).toThrow(/logger\.warn must be a function/)
})

test('wrong options are refused', async () => {
  await expect(createAlarm({ repeat: 'never' } as never)).rejects.toThrow(TypeError)
  await expect(createAlarm({ everyMs: 0 })).rejects.toThrow(RangeError)
  await expect(createAlarm({ sinks: [1] } as never)).rejects.toThrow(/a sink/)
  await expect(createAlarm({ sinks: {} } as never)).rejects.toThrow(/sinks/)
})
