/** Dates as people read them; always Beijing's, whatever this computer's clock is set to. */
const ZONE = 'Asia/Shanghai'

const dayFormat = new Intl.DateTimeFormat('zh-CN', { timeZone: ZONE, year: 'numeric', month: 'numeric', day: 'numeric' })
const timeFormat = new Intl.DateTimeFormat('zh-CN', { timeZone: ZONE, hour: '2-digit', minute: '2-digit', hour12: false })
const isoFormat = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' })

function partsOf(at: Date): Record<string, string> {
  return Object.fromEntries(dayFormat.formatToParts(at).map((part) => [part.type, part.value]))
}

/** `2026-03-05` or a moment → 2026年3月5日 */
export function dayText(value: string | null | undefined): string {
  if (!value) return '—'
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) {
    const [year, month, day] = value.split('-').map(Number)
    return `${year}年${month}月${day}日`
  }
  const { year, month, day } = partsOf(new Date(value))
  return `${year}年${month}月${day}日`
}

/** 3月5日 09:30; with the year when it is not this one. */
export function momentText(value: string | null | undefined, now: Date = new Date()): string {
  if (!value) return '—'
  const at = new Date(value)
  const { year, month, day } = partsOf(at)
  const start = year === partsOf(now).year ? '' : `${year}年`
  return `${start}${month}月${day}日 ${timeFormat.format(at)}`
}

/** 09:30 */
export function clockText(value: string): string {
  return timeFormat.format(new Date(value))
}

/** Today in Beijing as `YYYY-MM-DD`. */
export function today(now: Date = new Date()): string {
  return isoFormat.format(now)
}

/** `day` (`YYYY-MM-DD`) moved by some days. */
export function shiftDay(day: string, by: number): string {
  const at = new Date(`${day}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() + by)
  return at.toISOString().slice(0, 10)
}
