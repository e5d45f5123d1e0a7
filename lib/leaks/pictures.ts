import { invalidArgument } from '../errors.js'
import { captureHeap } from '../graph/capture.js'
import type { Cycle } from '../graph/cycles.js'
import type { HeapGraph } from '../graph/heap-graph.js'
import { loadOptional } from '../optional.js'
import { checkInteger, checkOptions, checkPositive, describe, isObject } from '../options.js'
import { writePrivate } from './private-file.js'
import { graphOptions, type GraphOptions } from './graph-options.js'

export interface PictureOptions {
  /** How many references away. 5. */
  maxDepth?: number
  /** Of each object at most so many of those that hold it; the others become one node "N more". 10. */
  tooMany?: number
  capture?: GraphOptions
}

/**
 * Who holds an object, as an SVG picture. Takes a graph. Needs the package @hpcc-js/wasm-graphviz;
 * rejects with a TypeError of a primitive.
 */
export function retainerSvg(object: object, options: PictureOptions = {}): Promise<string> {
  if (!isObject(object)) {
    throw invalidArgument(`retainerSvg takes an object, not ${describe(object)}`)
  }
  const { capture, ...picture } = checkPictureOptions(options, 'retainerSvg')
  // Not asynchronous itself: while it waited its frame would hold the object that is drawn.
  return withNodeOf(captureHeap({ ...capture, objects: { object } }), new WeakRef(object), picture)
}

async function withNodeOf(
  captured: Promise<HeapGraph>,
  object: WeakRef<object>,
  picture: { maxDepth: number; tooMany: number },
): Promise<string> {
  const graph = await captured
  try {
    return await graph.toSvg({ start: graph.nodeOf(object.deref()!)!, ...picture })
  } finally {
    graph[Symbol.dispose]()
  }
}

export interface CyclePicture {
  /** `Pair ↔ Pair` */
  pattern: string
  svg: string
}

/** The cycles with a member of a class, at most three, and who holds them. Empty where there is none. */
export async function cycleSvgs(
  className: string,
  options: PictureOptions & { limit?: number } = {},
): Promise<CyclePicture[]> {
  const { limit = 3, ...others } = options
  checkInteger(limit, 'limit', 1, 1000)
  const { capture, ...picture } = checkPictureOptions(others, 'cycleSvgs')
  const graph = await captureHeap(capture)
  try {
    const draw = async ({ pattern, members }: Cycle) => {
      return { pattern, svg: await graph.toSvg({ start: members, ...picture }) }
    }
    const cycles = await graph.cycles({ className, limit, maxMembers: 20 })
    return await Promise.all(cycles.map(draw))
  } finally {
    graph[Symbol.dispose]()
  }
}

/** Writes a picture by the ending of the path: `.svg`, or `.png`, which needs the package sharp. */
export async function savePicture(
  svg: string,
  path: string,
  options: { scale?: number } = {},
): Promise<void> {
  checkPicturePath(path)
  checkSvg(svg)
  return writePrivate(path, /\.svg$/i.test(path) ? svg : await svgToPng(svg, options))
}

export function checkPicturePath(path: unknown): void {
  if (typeof path === 'string' && /\.(svg|png)$/i.test(path)) return
  throw invalidArgument(`a picture's path ends in .svg or .png, not as ${describe(path)} does`)
}

/** The picture's pixels, at `scale` (2) for each of its own. Needs the package sharp. */
export async function svgToPng(svg: string, { scale = 2 }: { scale?: number } = {}) {
  checkPositive(scale, 'scale')
  checkSvg(svg)
  const { default: sharp } = await loadOptional<Sharp>('sharp', {
    neededBy: 'svgToPng',
    instead: 'SVG works without',
  })
  return sharp(Buffer.from(svg), { density: 96 * scale })
    .png()
    .toBuffer()
}

function checkSvg(svg: unknown): void {
  if (typeof svg === 'string' && svg.includes('<svg')) return
  throw invalidArgument(`the text of an SVG picture is needed, not ${describe(svg)}`)
}

interface Sharp {
  default: (
    input: Buffer,
    options: { density: number },
  ) => { png: () => { toBuffer: () => Promise<Buffer> } }
}

function checkPictureOptions(options: PictureOptions, where: string) {
  checkOptions(options, ['maxDepth', 'tooMany', 'capture'], where)
  const { maxDepth = 5, tooMany = 10, capture } = options
  return { maxDepth, tooMany, capture: graphOptions(capture) }
}
