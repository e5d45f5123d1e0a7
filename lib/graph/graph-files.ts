import { native } from '../native.js'
import { checkOptions, checkPath, checkWord } from '../options.js'
import type { WriteOptions } from './graph-types.js'
import { attempt, checkJobOptions, jobOptionNames, runJob, type JobOptions } from './jobs.js'
import type { NativeGraph } from './native-graph.js'

export function openGraphFile(path: string): NativeGraph {
  checkPath(path, 'HeapGraph.open')
  return attempt(() => native.openGraph(path))
}

export async function saveGraphFile(
  handle: NativeGraph,
  path: string,
  options: JobOptions,
): Promise<void> {
  checkPath(path, 'graph.save')
  checkOptions(options, jobOptionNames, 'graph.save')
  checkJobOptions(options)
  await runJob<undefined>((done) => native.saveGraph(handle, path, done), options)
}

export async function writeSnapshotFile(
  handle: NativeGraph,
  path: string,
  options: WriteOptions,
): Promise<void> {
  checkPath(path, 'graph.writeHeapSnapshot')
  checkOptions(options, [...jobOptionNames, 'strings'], 'graph.writeHeapSnapshot')
  checkJobOptions(options)
  const { strings = 'redact' } = options
  checkWord(strings, ['redact', 'keep'], 'strings')
  await runJob<undefined>(
    (done) => native.writeHeapSnapshot(handle, path, strings === 'redact', done),
    options,
  )
}
