export { analyzeRequests, type RequestAnalysis, type RequestOptions } from './analyze-requests.js'
export {
  cycleSvgs,
  retainerSvg,
  savePicture,
  svgToPng,
  type CyclePicture,
  type PictureOptions,
} from './pictures.js'
export { TrackerHistory, type TrackerHistoryOptions } from './tracker-history.js'
export {
  SavedHistory,
  type HistoryData,
  type TrackedLife,
  type TrackerSnapshot,
} from './saved-history.js'
export type { HistoryTextOptions, LifeKey } from './history-text.js'
export type { SizeMember } from './size-members.js'
export type { LeakDetectorOptions } from './detector-options.js'
export { LeakDetector, type FoundLeak } from './detector.js'
export type { Diagnosis, Suspected } from './diagnose.js'
export { LeakSnapshot } from './leak-snapshot.js'
export type { GraphOptions } from './graph-options.js'
export { RefTracker, type RefSnapshot, type RefTrackerOptions } from './ref-tracker.js'
export type { SnapshotDiff } from './snapshot-diff.js'
export type { TypicalPath } from './typical-path.js'
export type { GrowingClass, Verdict, VerdictOptions } from './verdict.js'
export type { AliveObject, DeadObject, TrackedObjects } from './watched-objects.js'
export { Alarm, createAlarm, type AlarmOptions, type Alert } from './alarm.js'
export { BatchMonitor, monitorBatches, type Batch, type BatchOptions } from './batches.js'
export type { MemorySample } from './growth-rate.js'
export { healthCheck, type Health, type HealthOptions } from './health.js'
export type { Logger } from './logger.js'
export type { MemoryMetrics } from './metrics.js'
export { findOrphaned, type Orphan, type OrphanOptions, type OrphanReport } from './orphaned.js'
export {
  emailSink,
  logSink,
  webhookSink,
  type EmailOptions,
  type Sink,
  type WebhookOptions,
} from './sinks.js'
export { MemoryWatcher, type MemoryAnalysis, type MemoryWatcherOptions } from './watcher.js'
export { expectNoGrowth } from './expect-no-growth.js'
export { leakMatchers } from './matchers.js'
export {
  measureGrowth,
  type GrownClass,
  type MeasuredGrowth,
  type NoGrowthOptions,
} from './measure-growth.js'
