import { captureHeap, type CaptureOptions } from '../graph/capture.js'
import { jobOptionNames } from '../graph/jobs.js'
import { native } from '../native.js'
import { checkOptions, isObject } from '../options.js'
import { face, start, type Notified } from './deliver.js'
import { isHeld } from './held.js'
import { targetOf, type Link } from './link.js'

/** A reference, proxy, weak method or finalizer whose own callback holds its target. */
export interface SelfHeld {
  /** What the user knows it as. */
  source: object
  /** The shortest way from such a one to the target, as text. */
  path: string
}

/**
 * Finds the targets that live only because the callback of a reference, or a finalizer's function or
 * argument, leads to them: their own, or one another's. These never die. For development: captures the
 * heap graph, at the cost of `captureHeap`, whose options it takes.
 */
export async function findSelfHeld(
  options: Omit<CaptureOptions, 'objects' | 'keepIds'> = {},
): Promise<SelfHeld[]> {
  checkOptions(options, ['mode', 'maxMemory', 'timeoutMs', ...jobOptionNames], 'findSelfHeld')
  start()
  const objects = linked()
  const graph = await captureHeap({ ...options, objects })
  const count = (Object.keys(objects).length - 1) / 2
  const indexOf = (name: string) => graph.nodeOf(objects[name]!)?.index ?? -1
  const links = new Set<number>()
  for (let i = 0; i < count; i++) links.add(indexOf(`link${i}`))
  const withLinks = new Set([indexOf('record')])
  const withoutLinks = new Set([...links, ...withLinks])

  const found: SelfHeld[] = []
  for (let i = 0; i < count; i++) {
    const target = graph.nodeOf(objects[`target${i}`]!)
    if (!target || isHeld(graph, target, withoutLinks)) continue
    // What nobody holds, links or not, just was not collected yet.
    if (!isHeld(graph, target, withLinks)) continue
    const chain = graph.chain(target, { from: ({ index }) => links.has(index), maxDepth: 1000 })
    const link = objects[`link${i}`] as Notified
    found.push({ source: link[face](), path: chain.text })
  }
  return found
}

/** The living links with a callback, their targets, and the record itself: for the graph to find. */
function linked(): Record<string, object> {
  const objects: Record<string, object> = {}
  objects.record = objects
  let i = 0
  for (const link of native.linksNotifying() as Link[]) {
    const target = targetOf(link)
    if (!isObject(target)) continue
    objects[`target${i}`] = target
    objects[`link${i++}`] = link
  }
  return objects
}
