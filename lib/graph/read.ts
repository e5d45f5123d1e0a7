import { statSync } from 'node:fs'
import { Readable } from 'node:stream'
import { HeapscopeError, invalidArgument } from '../errors.js'
import { native } from '../native.js'
import { checkOptions, checkPath, checkPositive, describe } from '../options.js'
import { checkBudget } from './budget.js'
import { HeapGraph } from './heap-graph.js'
import {
  aborted,
  attempt,
  checkJobOptions,
  jobOptionNames,
  runGraphJob,
  runJob,
  throwIfAborted,
  type JobOptions,
} from './jobs.js'
import type { NativeGraph } from './native-graph.js'

export interface ReadOptions extends JobOptions {
  /** Bytes of memory that reading may take. What the system has free is looked at anyway. */
  maxMemory?: number
}

/** Chunks of the file's text: Node's and the web's streams, and arrays of chunks. */
export type SnapshotStream =
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>
  | ReadableStream<Uint8Array | string>

/** Reading takes at its peak, per byte of the file: 0.7 measured on V8's own, 0.9 on synthetic ones. */
const memoryPerByte = 1

/**
 * Reads a `.heapsnapshot` file or stream, of any Node or Chrome: the file says itself what its fields
 * are. Off the main thread: a file on two threads at once, a stream on one.
 */
export async function readHeapSnapshot(
  pathOrStream: string | SnapshotStream,
  options: ReadOptions = {},
): Promise<HeapGraph> {
  checkOptions(options, [...jobOptionNames, 'maxMemory'], 'readHeapSnapshot')
  checkJobOptions(options)
  const { maxMemory } = options
  if (maxMemory !== undefined) checkPositive(maxMemory, 'maxMemory')
  const start = performance.now()
  const handle =
    typeof pathOrStream === 'string'
      ? await readFile(pathOrStream, options)
      : await readStream(chunksOf(pathOrStream), options)
  return new HeapGraph(handle, { mode: 'snapshot', totalMs: performance.now() - start })
}

function readFile(path: string, options: ReadOptions): Promise<NativeGraph> {
  checkPath(path, 'readHeapSnapshot')
  // One that cannot be looked at is refused by who opens it.
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats && !stats.isFile() && !stats.isDirectory()) {
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_IO',
      `${path} is a pipe or a device, which may never end; pass a stream of it`,
    )
  }
  checkBudget(`reading ${path}`, (stats?.size ?? 0) * memoryPerByte, options.maxMemory)
  return runGraphJob((done) => native.readGraphFile(path, done), options)
}

async function readStream(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  options: ReadOptions,
): Promise<NativeGraph> {
  const reader = attempt(() => native.createGraphReader())
  let bytes = 0
  let checkAt = 0
  for await (const chunk of encoded(abortable(chunks, options.signal))) {
    bytes += chunk.length
    if (bytes >= checkAt) {
      checkBudget('reading the snapshot', bytes * memoryPerByte, options.maxMemory)
      checkAt = bytes + 2 ** 24
    }
    await runJob<undefined>((done) => native.pushGraphChunk(reader, chunk, done), options)
  }
  return runGraphJob((done) => native.finishGraphReader(reader, done), options)
}

/** Ends with the signal also while it waits for a chunk that may never come. */
async function* abortable(
  chunks: AsyncIterable<unknown> | Iterable<unknown>,
  signal: AbortSignal | undefined,
): AsyncGenerator {
  if (signal === undefined) {
    yield* chunks
    return
  }
  const iterator =
    Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  let end = (): void => undefined
  const ended = new Promise((_, reject) => {
    end = () => {
      reject(aborted(signal))
    }
    signal.addEventListener('abort', end, { once: true })
  })
  let isDone: boolean | undefined = false
  try {
    for (;;) {
      throwIfAborted(signal)
      const next = (await Promise.race([ended, iterator.next()])) as IteratorResult<unknown>
      isDone = next.done
      if (next.done) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', end)
    if (!isDone) leave(chunks, iterator)
  }
}

/** Not waited for: a generator ends only once it has the chunk that it is waiting for itself. */
function leave(chunks: object, iterator: AsyncIterator<unknown> | Iterator<unknown>): void {
  if (chunks instanceof Readable) chunks.destroy()
  else void Promise.resolve(iterator.return?.()).catch(() => undefined)
}

async function* encoded(
  chunks: AsyncIterable<unknown> | Iterable<unknown>,
): AsyncGenerator<Uint8Array> {
  let half = '' // of a surrogate pair that two chunks share
  for await (const chunk of chunks) {
    if (chunk instanceof Uint8Array) yield chunk
    else if (typeof chunk === 'string') {
      const text = half + chunk
      half = /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : ''
      yield Buffer.from(half ? text.slice(0, -1) : text)
    } else {
      throw invalidArgument(`a snapshot's chunks are bytes or strings, not ${describe(chunk)}`)
    }
  }
}

function chunksOf(
  stream: unknown,
): AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string> {
  if (typeof stream === 'object' && stream !== null && !(stream instanceof Uint8Array)) {
    // Node's ReadableStream is asynchronously iterable too.
    if (Symbol.asyncIterator in stream) return stream as AsyncIterable<Uint8Array>
    if (Symbol.iterator in stream) return stream as Iterable<Uint8Array>
  }
  throw invalidArgument(
    `readHeapSnapshot takes the path of a file or a stream, not ${describe(stream)}`,
  )
}
