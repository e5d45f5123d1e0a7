import { accessSync, constants, statfsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { HeapscopeError, invalidArgument } from '../errors.js'
import { native } from '../native.js'
import { describe } from '../options.js'

/** `spill: 'auto' | 'never' | directory`, as of `captureHeap`. */
export type Spill = 'auto' | 'never' | (string & {})

/** Throws where a directory is named that is none, that is not ours to write to, or that is memory. */
export function checkSpill(spill: Spill): void {
  if (spill === 'auto' || spill === 'never') return
  if (typeof spill !== 'string' || !takesFiles(spill)) {
    throw invalidArgument(
      `spill is 'auto', 'never' or a directory on a disk that this process may write to, ` +
        `not ${describe(spill)}: files of tmpfs are memory`,
    )
  }
  if (!native.canSpill()) {
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_UNSUPPORTED',
      'a twin can spill only where malloc is that of the GNU C library',
    )
  }
}

/** Where a twin may put so many bytes: the first place that has the room, and otherwise the widest. */
export function spillDirectory(spill: Spill, bytes: number): string | undefined {
  if (spill === 'never') return undefined
  if (spill !== 'auto') return spill
  if (!native.canSpill()) return undefined
  const directories = [...new Set([tmpdir(), '/var/tmp'])].filter(takesFiles)
  return (
    directories.find((one) => diskRoom(one) > bytes) ??
    directories.sort((a, b) => diskRoom(b) - diskRoom(a))[0]
  )
}

/** Bytes that are free there. */
export function diskRoom(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}

/** By `man 2 statfs`. */
const kindsInMemory = [
  0x01021994, // tmpfs
  0x858458f6, // ramfs
  0x958458f6, // hugetlbfs
  0x00009fa0, // proc
  0x62656572, // sysfs
]

/** Ours to write to, and on a disk. */
function takesFiles(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK)
    return statSync(directory).isDirectory() && !kindsInMemory.includes(statfsSync(directory).type)
  } catch {
    return false
  }
}
