import { native } from '../native.js'

/** What a capture of this isolate's heap is expected to take. */
export interface CaptureEstimate {
  nodes: number
  /** That V8 needs meanwhile for its snapshot. */
  snapshotBytes: number
  /** Of the thread, in-process. */
  pauseMs: number
  /** Of the graph, with what its analysis needs. */
  graphBytes: number
  /** In use now: what the rest is worked out from. */
  heapBytes: number
}

export function estimateCapture(): CaptureEstimate {
  const [nodes, snapshotBytes, pauseMs, graphBytes, heapBytes] =
    native.estimateCapture() as unknown as [number, number, number, number, number]
  return { nodes, snapshotBytes, pauseMs, graphBytes, heapBytes }
}

/** The figures by which a twin's part is estimated from that. */
export const twinFigures = {
  /**
   * The fork, and the calls around it, for each gigabyte of the process: 43 to 71 were measured
   * (`npm run bench -- twin`).
   */
  pauseMsPerGigabyte: 60,
  /** What the service writes to meanwhile is there twice: of its memory, so much. */
  copiedShare: 0.1,
  /**
   * Of one that spills: what stays in memory beside the graph, V8's lists between two steps. With the graph
   * that is more than the 51 to 63 bytes a node that were measured (`npm run bench -- twin-spill`).
   */
  spilledBytesPerNode: 24,
} as const
