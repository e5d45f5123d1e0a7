import { chmod, writeFile } from 'node:fs/promises'

/** Writes what may tell about a program's data: for the owner's eyes, whoever could read the file before. */
export async function writePrivate(path: string, contents: string | Buffer): Promise<void> {
  await writeFile(path, contents, { mode: 0o600 })
  await chmod(path, 0o600)
}
