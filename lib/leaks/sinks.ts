import { HeapscopeError } from '../errors.js'
import { checkPositive } from '../options.js'
import type { Alert } from './alarm.js'
import type { Logger } from './logger.js'

/** Takes an alert. What it throws or rejects with is counted; the other sinks get theirs all the same. */
export type Sink = (alert: Alert) => unknown

/** Writes the text to a logger, `console` where nothing is said. */
export function logSink(logger: Pick<Logger, 'warn'> = console): Sink {
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
  const { headers = {}, timeoutMs = 10_000 } = options
  checkPositive(timeoutMs, 'timeoutMs')
  const target = new URL(url)
  return async (alert) => {
    const response = await fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(alert),
      signal: AbortSignal.timeout(timeoutMs),
    })
    await response.body?.cancel()
    if (!response.ok) {
      throw new HeapscopeError('ERR_HEAPSCOPE_IO', `the webhook answered ${response.status}`)
    }
  }
}

export interface EmailOptions {
  /** For nodemailer's `createTransport`: a URL such as `smtp://user:secret@host:587`, or its options. */
  transport: string | object
  from: string
  to: string | string[]
  /** `Memory alarm`. */
  subject?: string
}

/** Sends the text by mail. Needs the package nodemailer. */
export function emailSink({ transport, from, to, subject = 'Memory alarm' }: EmailOptions): Sink {
  let mailer: Promise<Mailer> | undefined
  return async ({ text }) => {
    mailer ??= loadNodemailer().then(({ createTransport }) => createTransport(transport))
    await (await mailer).sendMail({ from, to, subject, text })
  }
}

interface Mailer {
  sendMail(mail: object): Promise<unknown>
}

interface Nodemailer {
  createTransport: (transport: string | object) => Mailer
}

async function loadNodemailer(): Promise<Nodemailer> {
  const name: string = 'nodemailer' // it is optional: not for the compiler to resolve
  try {
    const loaded = (await import(name)) as Nodemailer & { default?: Nodemailer }
    return loaded.default ?? loaded
  } catch (cause) {
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_UNSUPPORTED',
      'emailSink needs the package nodemailer: npm install nodemailer',
      { cause },
    )
  }
}
