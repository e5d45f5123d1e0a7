import { HeapscopeError, invalidArgument } from '../errors.js'
import { loadOptional } from '../optional.js'
import { checkFunction, checkInteger, checkOptions, describe, isObject } from '../options.js'
import type { Alert } from './alarm.js'
import type { Logger } from './logger.js'

/** Takes an alert. What it throws or rejects with is counted; the other sinks get theirs all the same. */
export type Sink = (alert: Alert) => unknown

/** Writes the text to a logger, `console` where nothing is said. */
export function logSink(logger: Pick<Logger, 'warn'> = console): Sink {
  if (!isObject(logger)) throw invalidArgument(`logSink takes a logger, not ${describe(logger)}`)
  checkFunction(logger.warn, 'logger.warn')
  return ({ text }) => {
    logger.warn(text)
  }
}

export interface WebhookOptions {
  headers?: Record<string, string>
  /** 10,000. */
  timeoutMs?: number
}

/** Posts the alert as JSON. Any answer but a 2xx is an error. */
export function webhookSink(url: string | URL, options: WebhookOptions = {}): Sink {
  checkOptions(options, ['headers', 'timeoutMs'], 'webhookSink')
  const { headers = {}, timeoutMs = 10_000 } = options
  checkInteger(timeoutMs, 'timeoutMs', 1, longest)
  const target = checkUrl(url)
  const checked = checkHeaders(headers)
  return async (alert) => {
    const response = await fetch(target, {
      method: 'POST',
      headers: checked,
      body: JSON.stringify(alert),
      signal: AbortSignal.timeout(timeoutMs),
    })
    await response.body?.cancel()
    if (!response.ok) {
      throw new HeapscopeError('ERR_HEAPSCOPE_IO', `the webhook answered ${response.status}`)
    }
  }
}

/** Of a timer. */
const longest = 2 ** 31 - 1

function checkUrl(url: string | URL): URL {
  const text = url instanceof URL ? url.href : url
  const target = typeof text === 'string' && URL.canParse(text) ? new URL(text) : null
  if (target?.protocol === 'http:' || target?.protocol === 'https:') return target
  throw invalidArgument(`webhookSink takes an http or https URL, not ${describe(text)}`)
}

function checkHeaders(headers: Record<string, string>): Headers {
  try {
    const checked = new Headers({ 'content-type': 'application/json' })
    for (const [name, value] of Object.entries(headers)) checked.set(name, value)
    return checked
  } catch (error) {
    throw invalidArgument(`webhookSink cannot send these headers: ${(error as Error).message}`)
  }
}

export interface EmailOptions {
  /** For nodemailer's `createTransport`: a URL such as `smtp://user:secret@host:587`, or its options. */
  transport: string | object
  from: string
  to: string | string[]
  /** `Memory alarm`. */
  subject?: string
  /** A server that does not answer for so long is left. 10,000. */
  timeoutMs?: number
}

/** Sends the text by mail. Needs the package nodemailer. */
export function emailSink(options: EmailOptions): Sink {
  checkOptions(options, ['transport', 'from', 'to', 'subject', 'timeoutMs'], 'emailSink')
  const { transport, from, to, subject = 'Memory alarm', timeoutMs = 10_000 } = options
  checkInteger(timeoutMs, 'timeoutMs', 1, longest)
  if (typeof transport !== 'string' && !isObject(transport)) {
    throw invalidArgument(`transport must be a URL or an object, not ${describe(transport)}`)
  }
  checkText(from, 'from')
  checkText(subject, 'subject')
  for (const address of Array.isArray(to) ? to : [to]) checkText(address, 'to')
  return async ({ text }) => {
    const loaded = await loadOptional<Nodemailer & { default?: Nodemailer }>('nodemailer', {
      neededBy: 'emailSink',
    })
    const { createTransport } = loaded.default ?? loaded
    const mailer = createTransport(withTimeouts(transport, timeoutMs))
    try {
      await mailer.sendMail({ from, to, subject, text })
    } finally {
      mailer.close()
    }
  }
}

/** A server that does not answer is left; what the transport says itself counts. */
function withTimeouts(transport: string | object, timeoutMs: number): object {
  if (typeof transport === 'object' && 'send' in transport) return transport // made by the user
  return {
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    ...(typeof transport === 'string' ? { url: transport } : transport),
  }
}

function checkText(value: unknown, name: string): void {
  if (typeof value === 'string' && value !== '') return
  throw invalidArgument(`${name} must be a string that is not empty, not ${describe(value)}`)
}

interface Mailer {
  sendMail(mail: object): Promise<unknown>
  close(): void
}

interface Nodemailer {
  createTransport: (transport: object) => Mailer
}
