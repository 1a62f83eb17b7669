/** Days and times of a counter, and how long a held place is still kept. Pure. */
import type { Schemas } from '@/api/types'

export type Slot = Schemas['SlotView']
export type Appointment = Schemas['AppointmentView']

const BEIJING = 8 * 3600 * 1000
export const DAYS_AHEAD = 13
const WEEKDAYS = ['日', '一', '二', '三', '四', '五', '六']

/** 2026-11-23 in Beijing, whatever the phone's time zone. */
export const dateOf = (time: number): string => new Date(time + BEIJING).toISOString().slice(0, 10)

/** 今天 / 明天 / 11月24日，and the day of the week. */
export function dayName(date: string, now: number): string {
  const [, month, dayOfMonth] = date.split('-').map(Number)
  const week = `周${WEEKDAYS[new Date(`${date}T00:00:00Z`).getUTCDay()]}`
  const near = date === dateOf(now) ? '今天 ' : date === dateOf(now + 24 * 3600 * 1000) ? '明天 ' : ''
  return `${near}${month}月${dayOfMonth}日 ${week}`
}

export interface BookableDay {
  date: string
  left: number
  morning: Slot[]
  afternoon: Slot[]
}

/** Slots with a free place, by day; days without one are left out, and of two that begin at the same time the emptier one is offered. */
export function daysOf(slots: readonly Slot[]): BookableDay[] {
  const times = new Map<string, Slot>()
  for (const slot of slots) if (slot.left > (times.get(slot.starts_at)?.left ?? 0)) times.set(slot.starts_at, slot)
  const days = new Map<string, BookableDay>()
  for (const slot of [...times.values()].sort((a, b) => a.starts_at.localeCompare(b.starts_at))) {
    const local = new Date(Date.parse(slot.starts_at) + BEIJING)
    const date = local.toISOString().slice(0, 10)
    const day = days.get(date) ?? { date, left: 0, morning: [], afternoon: [] }
    day.left += slot.left
    ;(local.getUTCHours() < 12 ? day.morning : day.afternoon).push(slot)
    days.set(date, day)
  }
  return [...days.values()]
}

/** How free a day is, without a number that says nothing. */
export const roomOf = (left: number): string => (left > 9 ? '号还多' : `还有 ${left} 个号`)

/** 9 分 58 秒; empty when the time is over. */
export function countdown(until: string | null, now: number): string {
  const left = until ? Math.ceil((Date.parse(until) - now) / 1000) : 0
  if (!(left > 0)) return ''
  return left >= 60 ? `${Math.floor(left / 60)} 分 ${left % 60} 秒` : `${left} 秒`
}

/** Can be confirmed, shown at the counter or called off, or is being served. */
export const isLiving = (one: Appointment): boolean => one.allowed_actions.length > 0 || one.state === 'checked_in'

/** The booking that still counts for this case, or for none. */
export const livingFor = (all: readonly Appointment[], caseId: string): Appointment | null =>
  all.find((one) => (one.case_id ?? '') === caseId && isLiving(one)) ?? null
