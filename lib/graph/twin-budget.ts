import { HeapscopeError } from '../errors.js'
import { checkBudget, checkPause } from './budget.js'
import { estimateCapture, twinFigures } from './estimate.js'
import { describeBytes } from './prose.js'
import { residentBytes, roomNow, type Room } from './room.js'
import { checkSpill, diskRoom, spillDirectory, type Spill } from './spill-directory.js'

/** What a twin may take, and where it puts on disk what it would take besides. */
export interface TwinBudget {
  memoryBytes: number
  spillTo?: string
}

const what = "a twin's capture of this heap"

/**
 * Refuses a capture by a twin before it is forked, by its pause and by its memory. Where that is
 * short, it may think on disk.
 */
export function checkTwinBudget(
  maxMemory: number | undefined,
  timeoutMs: number | undefined,
  spill: Spill,
): TwinBudget {
  checkSpill(spill)
  const rss = residentBytes()
  checkPause(what, (rss / 1e9) * twinFigures.pauseMsPerGigabyte, timeoutMs)
  const { nodes, snapshotBytes, graphBytes } = estimateCapture()
  const rooms = roomNow()
  const memoryBytes = least(maxMemory, rooms)
  const copies = rss * twinFigures.copiedShare
  const needed = snapshotBytes + graphBytes + copies
  if (needed <= memoryBytes) return { memoryBytes }
  const unrelieved = rooms.filter(({ evenSpilled }) => evenSpilled)
  checkBudget(what, needed, undefined, unrelieved)
  const fileBytes = snapshotBytes + graphBytes
  const spillTo = spillDirectory(spill, fileBytes)
  if (spillTo === undefined) {
    const how = spill === 'never' ? what : `${what}, with no disk to spill to,`
    checkBudget(how, needed, maxMemory, rooms)
    return { memoryBytes }
  }
  if (diskRoom(spillTo) <= fileBytes) {
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_BUDGET',
      `${what} would put about ${describeBytes(fileBytes)} into ${spillTo}, ` +
        `but that has ${describeBytes(diskRoom(spillTo))} free`,
    )
  }
  const spilling = graphBytes + nodes * twinFigures.spilledBytesPerNode + copies
  checkBudget(`${what}, though spilling to disk,`, spilling, maxMemory, rooms)
  return { memoryBytes, spillTo }
}

/**
 * For a twin of a heap that will have come to its limit. What it would take depends on what will be
 * there then: nobody is refused for that, but where nothing at all is left beside a full heap.
 */
export function limitTwinBudget(
  limitBytes: number,
  maxMemory: number | undefined,
  spill: Spill,
): TwinBudget {
  checkSpill(spill)
  const { snapshotBytes, graphBytes, heapBytes } = estimateCapture()
  const growth = Math.max(0, limitBytes - heapBytes)
  const rooms = roomNow().map((room) => ({
    bytes: room.bytes - growth,
    what: `${room.what}, less the ${describeBytes(growth)} that the heap may still grow by,`,
  }))
  checkBudget(what, 64e6, maxMemory, rooms)
  const memoryBytes = least(maxMemory, rooms)
  const fileBytes = ((snapshotBytes + graphBytes) * limitBytes) / heapBytes
  const spillTo = fileBytes <= memoryBytes ? undefined : spillDirectory(spill, fileBytes)
  return { memoryBytes, ...(spillTo === undefined ? {} : { spillTo }) }
}

function least(maxMemory: number | undefined, rooms: readonly Room[]): number {
  return Math.min(maxMemory ?? Infinity, ...rooms.map(({ bytes }) => bytes))
}
