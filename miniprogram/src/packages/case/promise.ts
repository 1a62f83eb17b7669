/** Until when the hall has promised an answer, for as long as it still owes one. */
import type { Schemas } from '@/api/types'
import { day } from '@/stores/words'

type Standing = Pick<Schemas['CaseView'], 'promised_on' | 'decided_at' | 'closed_at' | 'is_deadline_provisional'>

/** Empty before the clock starts, and once there is a decision or the case is closed. */
export function promiseOf(found: Standing): string {
  if (!found.promised_on || found.decided_at || found.closed_at) return ''
  return `承诺 ${day(found.promised_on)} 前办好${found.is_deadline_provisional ? '（放假安排公布后可能会有小的调整）' : ''}`
}
