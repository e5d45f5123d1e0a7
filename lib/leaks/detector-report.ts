import { describeBytes, describeCount } from '../graph/prose.js'
import type { FoundLeak } from './detector.js'
import type { Diagnosis, Suspected } from './diagnose.js'
import type { LeakSnapshot } from './leak-snapshot.js'
import type { SnapshotDiff } from './snapshot-diff.js'
import type { TrackedObjects } from './watched-objects.js'

export interface ReportParts {
  first: LeakSnapshot
  last: LeakSnapshot
  /** null with a single snapshot. */
  diff: SnapshotDiff | null
  leaks: readonly FoundLeak[]
  common: readonly (readonly [type: string, count: number])[]
  tracked: TrackedObjects
  diagnosis: Diagnosis
}

const mostLeaks = 10

export function formatReport(parts: ReportParts): string {
  const { leaks, common, tracked, diagnosis } = parts
  const types = common.map(([type, count], i) => `${i + 1}. ${type}: ${describeCount(count)}`)
  const grown = leaks.slice(0, mostLeaks).map(leakLine)
  return [
    'Memory leak report',
    '==================',
    ...section('Totals', totals(parts)),
    ...section('Growth', grown.length > 0 ? grown : ['no class grew by more than 10 instances']),
    ...section('Most common types', types),
    ...section('Tracked objects, alive', Object.entries(tracked.alive).map(aliveLine)),
    ...section('Tracked objects, dead', Object.entries(tracked.dead).map(deadLine)),
    ...section('Verdict', describeDiagnosis(diagnosis)),
    '',
    'End of report',
  ].join('\n')
}

/** The verdict's line and, for each suspect that was looked into, how it is held. */
export function describeDiagnosis({ verdict, reason, suspects }: Diagnosis): string[] {
  return [`${verdict}: ${reason}`, ...suspects.flatMap(pathLines)]
}

function totals({ first, last, diff }: ReportParts): string[] {
  if (!diff) return ['one snapshot only: take another one to compare with']
  return [
    `${diff.from} → ${diff.to}`,
    `objects: ${describeCount(first.objectCount)} → ${describeCount(last.objectCount)} ` +
      `(${signed(diff.objectDiff)})`,
    `memory: ${signedMb(diff.memoryDiffMb)} MB`,
    `elapsed: ${(diff.timeDiff / 1000).toFixed(2)} s`,
  ]
}

function leakLine({ type, growth, currentCount }: FoundLeak, i: number): string {
  return `${i + 1}. ${type}: ${signed(growth)} (current: ${describeCount(currentCount)})`
}

function aliveLine([name, object]: [string, TrackedObjects['alive'][string]]): string {
  const { type, refCount, refCountDiff, ageMs } = object
  const age = (ageMs / 1000).toFixed(2)
  return `${name} (${type}): ${describeCount(refCount)} references (${signed(refCountDiff)}), ${age} s old`
}

function deadLine([name, object]: [string, TrackedObjects['dead'][string]]): string {
  return `${name} (${object.type}): lived ${(object.ageAtDeathMs / 1000).toFixed(2)} s`
}

function pathLines({ className, held, bytesPerPeriod }: Suspected): string[] {
  if (!held) return []
  const bytes =
    bytesPerPeriod === null ? '' : `, ${describeBytes(Math.round(bytesPerPeriod))} a period`
  const share = held.lookedAt > 1 ? ` (${held.held} of ${held.lookedAt} looked at${bytes})` : ''
  return [`  ${className} is held by ${held.path.text}${share}`]
}

function section(heading: string, lines: readonly string[]): string[] {
  return ['', heading, ...(lines.length > 0 ? lines : ['none']).map((line) => `  ${line}`)]
}

function signed(count: number): string {
  return `${count < 0 ? '-' : '+'}${describeCount(Math.abs(count))}`
}

function signedMb(megabytes: number): string {
  return `${megabytes < 0 ? '-' : '+'}${Math.abs(megabytes).toFixed(2)}`
}
