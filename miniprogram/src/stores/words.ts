/** Times and sizes as people say them. Times are Beijing time whatever the phone says (the hall's deadlines are). */
import { serverClock } from './clock'

const BEIJING = 8 * 3600 * 1000
const pad = (value: number): string => String(value).padStart(2, '0')

function beijing(text: string): Date | null {
  const time = Date.parse(text)
  return Number.isNaN(time) ? null : new Date(time + BEIJING)
}

/** 11月22日 14:05, with the year when it is another one. */
export function moment(text: string | null | undefined, now: number = serverClock.now()): string {
  const at = text ? beijing(text) : null
  if (!at) return ''
  const year = new Date(now + BEIJING).getUTCFullYear() === at.getUTCFullYear() ? '' : `${at.getUTCFullYear()}年`
  return `${year}${at.getUTCMonth() + 1}月${at.getUTCDate()}日 ${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}`
}

/** 2026年11月30日 of a date or a time. */
export function day(text: string | null | undefined): string {
  if (!text) return ''
  const plain = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (plain) return `${plain[1]}年${Number(plain[2])}月${Number(plain[3])}日`
  const at = beijing(text)
  return at ? `${at.getUTCFullYear()}年${at.getUTCMonth() + 1}月${at.getUTCDate()}日` : ''
}

/** 09:00 of a time. */
export function clock(text: string): string {
  const at = beijing(text)
  return at ? `${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}` : ''
}

export function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

export function yuan(fen: number): string {
  return fen === 0 ? '不收费' : `${(fen / 100).toFixed(fen % 100 ? 2 : 0)} 元`
}

/** What an item promises, in one line. */
export function promise(item: { promised_text: string; max_trips: number }): string {
  return `${item.promised_text}办好 · ${trips(item.max_trips)}`
}

export function trips(most: number): string {
  return most === 0 ? '全程网办，不用跑' : `最多跑 ${most} 次`
}
