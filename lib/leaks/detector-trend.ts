import type { LeakSnapshot } from './leak-snapshot.js'
import { trendSvg } from './trend.js'

/** Objects above, memory beneath, a point for every snapshot. RangeError with fewer than two. */
export function snapshotsSvg(snapshots: readonly LeakSnapshot[]): string {
  return trendSvg({
    title: 'Objects and memory',
    x: { label: 'snapshot', values: snapshots.map((_, i) => i) },
    panels: [
      {
        title: 'Objects',
        label: 'objects',
        values: snapshots.map(({ objectCount }) => objectCount),
      },
      {
        title: 'Memory',
        label: 'MB',
        values: snapshots.map(({ memoryUsage }) => memoryUsage / 2 ** 20),
      },
    ],
  })
}
