import { checkInteger, checkOptions } from '../options.js'
import { invalidArgument, outOfRange } from '../errors.js'
import { collect } from './collect.js'

export interface StudyOptions {
  /** How many objects to make for each row. Default 1,000, 10,000, 100,000. */
  sizes?: readonly number[]
  /** The share of the objects, 0 to 1, that also point at another at random. Default 0.1. */
  crossLinks?: number
}

export interface StudyRow {
  objects: number
  /** A full collection while all of them live. */
  pauseMs: number
  /** What a second one brings back once they are dropped. */
  freedBytes: number
}

interface Linked {
  index: number
  peer: Linked | undefined
}

/**
 * Measures what full collections of this process cost by the number of live objects: runs three per
 * row, so it pauses the thread for as long as they take.
 */
export function studyCollections(options: StudyOptions = {}): StudyRow[] {
  checkOptions(options, ['sizes', 'crossLinks'], 'studyCollections')
  const { sizes = [1_000, 10_000, 100_000], crossLinks = 0.1 } = options
  checkSizes(sizes)
  if (typeof crossLinks !== 'number') throw invalidArgument('crossLinks must be a number')
  if (!(crossLinks >= 0 && crossLinks <= 1)) {
    throw outOfRange(`crossLinks must be from 0 to 1, not ${crossLinks}`)
  }
  return sizes.map((size) => {
    collect()
    return study(size, crossLinks)
  })
}

function checkSizes(sizes: unknown): void {
  if (!Array.isArray(sizes)) throw invalidArgument('sizes must be an array of numbers')
  for (const size of sizes) checkInteger(size, 'each of sizes', 1, 50_000_000)
}

function study(objects: number, crossLinks: number): StudyRow {
  let all: Linked[] | undefined = makeLinked(objects, crossLinks)
  const { durationMs: pauseMs } = collect()
  if (all.length !== objects) throw new Error('unreachable: keeps the objects alive until here')
  all = undefined
  return { objects, pauseMs, freedBytes: collect().freedBytes }
}

function makeLinked(count: number, crossLinks: number): Linked[] {
  const all = Array.from({ length: count }, (_, index): Linked => ({ index, peer: undefined }))
  for (const one of all) {
    if (Math.random() < crossLinks) one.peer = all[Math.floor(Math.random() * count)]
  }
  return all
}
