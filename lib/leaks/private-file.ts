import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { HeapscopeError, invalidArgument } from '../errors.js'
import { describe } from '../options.js'

/** What such files say of themselves. */
export const secretsWarning =
  'may contain secrets: names of classes and properties, among them keys of objects used as tables'

/**
 * Writes what may tell about a program's data: for the owner's eyes from the first byte on, whoever could
 * read the file before. The file is there whole or as it was.
 *
 * @throws {HeapscopeError} `ERR_HEAPSCOPE_IO`
 */
export async function writePrivate(path: string, contents: string | Buffer): Promise<void> {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw invalidArgument(`the path of a file is needed, not ${describe(path)}`)
  }
  const unfinished = `${path}.${randomUUID()}.tmp` // of the same folder: of the same disk
  try {
    await writeFile(unfinished, contents, { mode: 0o600, flag: 'wx' })
    await rename(unfinished, path)
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => {}) // the first error tells more
    const why = (cause as Error).message
    throw new HeapscopeError('ERR_HEAPSCOPE_IO', `${path} could not be written: ${why}`, { cause })
  }
}
