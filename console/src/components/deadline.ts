import type { Deadline } from '@/api/types'

/** What a deadline says in words; the colour only repeats it. */
export function deadlineText(deadline: Deadline): string {
  const left = deadline.working_days_left
  if (left < 0) return `已超期 ${-left} 个工作日`
  if (left === 0) return '今天到期'
  return `还剩 ${left} 个工作日`
}

export const DEADLINE_TONES: Record<Deadline['tone'], { tone: 'ok' | 'warn' | 'danger'; icon: string }> = {
  calm: { tone: 'ok', icon: 'clock' },
  warn: { tone: 'warn', icon: 'warn' },
  overdue: { tone: 'danger', icon: 'error' },
}
