import { describeCount } from '../graph/prose.js'
import { invalidArgument } from '../errors.js'
import { checkInteger, checkOptions, describe } from '../options.js'
import { tracker } from '../tracking/tracker.js'
import { LeakDetector } from './detector.js'

export interface HealthOptions {
  /** More active instances of all tracked classes together than so many are a warning. 1000. */
  maxActive?: number
  /** Warns of a class with more active instances than have ended. false: true of every young process. */
  activeOverDeleted?: boolean
  /** Its verdict is a warning too, where it is not `ok`. */
  detector?: LeakDetector
}

export interface Health {
  ok: boolean
  warnings: string[]
  active: number
  uptimeSeconds: number
  classes: { className: string; active: number; created: number }[]
}

/** For a health endpoint: at once, without a pause. */
export function healthCheck(options: HealthOptions = {}): Health {
  checkOptions(options, ['maxActive', 'activeOverDeleted', 'detector'], 'healthCheck')
  const { maxActive = 1000, activeOverDeleted = false, detector } = options
  checkInteger(maxActive, 'maxActive', 0, 1e12)
  if (typeof activeOverDeleted !== 'boolean') {
    const not = describe(activeOverDeleted)
    throw invalidArgument(`activeOverDeleted must be true or false, not ${not}`)
  }
  if (detector !== undefined && !(detector instanceof LeakDetector)) {
    throw invalidArgument(`detector must be a LeakDetector, not ${describe(detector)}`)
  }
  const { activeInstances: active, classes: rows } = tracker.globalStats()
  const warnings: string[] = []
  if (active > maxActive) {
    const [now, most] = [describeCount(active), describeCount(maxActive)]
    warnings.push(`${now} active instances of tracked classes: the limit is ${most}`)
  }
  for (const row of activeOverDeleted ? rows : []) {
    const deleted = row.created - row.active
    if (row.active <= deleted) continue
    const [now, ended] = [describeCount(row.active), describeCount(deleted)]
    warnings.push(`possible leak of ${row.className}: ${now} active, ${ended} ended`)
  }
  const judged = detector?.verdict()
  if (judged && judged.verdict !== 'ok') warnings.push(`${judged.verdict}: ${judged.reason}`)
  const classes = rows.map((row) => {
    const { className, active: live, created } = row
    return { className, active: live, created }
  })
  const uptimeSeconds = process.uptime()
  return { ok: warnings.length === 0, warnings, active, uptimeSeconds, classes }
}
