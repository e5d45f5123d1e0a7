import { HeapscopeError } from './errors.js'

/**
 * Loads an optional peer dependency when it is first needed. `instead` says what works without it.
 *
 * @throws {HeapscopeError} `ERR_HEAPSCOPE_UNSUPPORTED` where it is not installed
 */
export async function loadOptional<Module>(
  name: string,
  { neededBy, instead }: { neededBy: string; instead?: string },
): Promise<Module> {
  try {
    return (await import(name)) as Module
  } catch (cause) {
    const message = `${neededBy} needs the package ${name}: npm install ${name}`
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_UNSUPPORTED',
      instead === undefined ? message : `${message}. ${instead}`,
      { cause },
    )
  }
}
