export { HeapscopeError, type HeapscopeErrorCode } from './errors.js'
export type { DurationHistogram as PauseHistogram, HistogramSummary } from './histogram.js'

export { tracked, trackClass, trackObject, untrackClass } from './tracking/track-class.js'
export { trackExport } from './tracking/track-export.js'
export { tracker, type InstanceMetadata } from './tracking/tracker.js'
export type { TrackOptions } from './tracking/options.js'
export type { ReportOptions } from './tracking/report.js'
export type { ClassCounts, ClassStats, GlobalStats } from './tracking/stats.js'
export type { UnclosedEvent } from './tracking/unclosed.js'

export { collect, collectWhenIdle, type CollectResult } from './gc/collect.js'
export type { ContainerMemory } from './gc/container-limits.js'
export type { GcEvent } from './gc/events.js'
export { heapStatistics, type HeapSpace, type HeapStatistics } from './gc/heap-statistics.js'
export type { GcKind } from './gc/kinds.js'
export { gcRequestListener, measureGc, type GcShare, type MeasureOptions } from './gc/measure.js'
export { memoryBreakdown, type MemoryBreakdown } from './gc/memory-breakdown.js'
export { monitorGc, type GcListener, type GcMonitor } from './gc/monitor.js'
export type { GcRates } from './gc/rates.js'
export { studyCollections, type StudyOptions, type StudyRow } from './gc/study.js'
export type { ThreadGcStats } from './gc/threads.js'
export type { GcKindStats } from './gc/totals.js'

export {
  captureHeap,
  captureHeapSync,
  type CaptureOptions,
  type SyncCaptureOptions,
} from './graph/capture.js'
export {
  onNearHeapLimit,
  type NearHeapLimitOptions,
  type NearHeapLimitWatch,
} from './graph/near-heap-limit.js'
export { census, type ClassCount } from './graph/census.js'
export type { ChainOptions } from './graph/chain.js'
export type { Cycle, CycleOptions } from './graph/cycles.js'
export type { ClassDiff, DiffOptions, GraphDiff } from './graph/diff.js'
export type { References } from './graph/graph-node.js'
export type {
  ClassOptions,
  ClassRow,
  GraphInfo,
  PathOptions,
  RefCounts,
  WriteOptions,
} from './graph/graph-types.js'
export { HeapGraph } from './graph/heap-graph.js'
export type { GraphProgress, JobOptions } from './graph/jobs.js'
export type { EdgeType, HeapNode, HeapReference, NodeType } from './graph/node.js'
export { objectId } from './graph/object-id.js'
export {
  referents,
  referrers,
  refCount,
  retainedSize,
  retainingPath,
  sizeOf,
  type ObjectQueryOptions,
  type ReferenceQueryOptions,
} from './graph/object-queries.js'
export type { RetainingPath } from './graph/path-text.js'
export type { OldInstance } from './graph/oldest.js'
export type { GraphSelection, NeighbourSelection } from './graph/picture.js'
export { readHeapSnapshot, type ReadOptions, type SnapshotStream } from './graph/read.js'
export type { Suspect, SuspectContent, SuspectOptions } from './graph/suspects.js'
