import { randomUUID } from 'node:crypto'
import { rename, rm, stat, writeFile } from 'node:fs/promises'
import { HeapscopeError } from '../errors.js'
import { checkPath } from '../options.js'

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
  checkPath(path, 'saving')
  try {
    await checkReplaceable(path)
    await replace(path, contents)
  } catch (cause) {
    const why = (cause as Error).message
    throw new HeapscopeError('ERR_HEAPSCOPE_IO', `${path} could not be written: ${why}`, { cause })
  }
}

/**
 * To replace anything but a file would surprise: a device, a pipe, a directory. A link to a file is
 * replaced: to follow it would let whoever made it choose the file.
 */
async function checkReplaceable(path: string): Promise<void> {
  const stats = await stat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  })
  if (stats && !stats.isFile()) throw new Error('it is there, and no regular file')
}

async function replace(path: string, contents: string | Buffer): Promise<void> {
  const unfinished = `${path}.${randomUUID()}.tmp` // of the same folder: of the same disk
  try {
    await writeFile(unfinished, contents, { mode: 0o600, flag: 'wx' })
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {}) // the first error tells more
    throw error
  }
}
