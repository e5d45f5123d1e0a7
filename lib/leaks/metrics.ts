import type { GcKind } from '../gc/kinds.js'
import type { GcMonitor } from '../gc/monitor.js'
import { tracker } from '../tracking/tracker.js'

/** What a dashboard wants of a process's memory: bytes, instances, collections. */
export interface MemoryMetrics {
  rss: number
  heapUsed: number
  external: number
  /** Live and not closed, by tracked class; classes of one name together. */
  active: Record<string, number>
  /** Since the monitor was started. */
  collections: Record<GcKind, number>
}

export function readMetrics(monitor: GcMonitor): MemoryMetrics {
  const { rss, heapUsed, external } = process.memoryUsage()
  const active = new Map<string, number>()
  for (const stats of tracker.allStats()) {
    active.set(stats.className, (active.get(stats.className) ?? 0) + stats.active)
  }
  const counts = Object.entries(monitor.stats()).map(([kind, { count }]) => [kind, count])
  const collections = Object.fromEntries(counts) as Record<GcKind, number>
  return { rss, heapUsed, external, active: Object.fromEntries(active), collections }
}

/** In Prometheus' text format. */
export function prometheusText(metrics: MemoryMetrics): string {
  const { rss, heapUsed, external, active, collections } = metrics
  return [
    ...gauge('heapscope_resident_bytes', 'Resident memory of the process.', rss),
    ...gauge('heapscope_heap_used_bytes', 'JavaScript heap in use.', heapUsed),
    ...gauge('heapscope_external_bytes', 'Memory outside the heap that objects keep.', external),
    ...family('heapscope_active_instances', 'gauge', 'Live instances not closed.', 'class', active),
    ...family('heapscope_gc_total', 'counter', 'Collections by kind.', 'kind', collections),
    '',
  ].join('\n')
}

function gauge(name: string, help: string, value: number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${value}`]
}

function family(
  name: string,
  type: string,
  help: string,
  label: string,
  values: Record<string, number>,
): string[] {
  const rows = Object.entries(values).map(([key, value]) => {
    const quoted = key.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')
    return `${name}{${label}="${quoted}"} ${value}`
  })
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...rows]
}
