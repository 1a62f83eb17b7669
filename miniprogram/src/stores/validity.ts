/** Until when a document is good, as people say it. */
import { day } from './words'

/** The last day of a document that never runs out, as the hall keeps it. */
export const ENDLESS = '9999-12-31'

/** Until when a document is good, as far as the hall was told. */
export function lastDay(until: string | null | undefined): string {
  if (!until) return '没有填写'
  return until === ENDLESS ? '长期有效' : day(until)
}
