/** `1.2 MB`: three digits and a decimal unit, as file managers and cloud providers count. */
export function describeBytes(bytes: number): string {
  if (Math.abs(bytes) < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = bytes / 1000
  let unit = 0
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${Number(value.toPrecision(3))} ${units[unit]!}`
}

/** `1,234,567` */
export function describeCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** `23 %`; below ten with one decimal. */
export function describeShare(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (part / whole) * 100
  return `${percent < 10 ? Math.round(percent * 10) / 10 : Math.round(percent)} %`
}
