import type { Batch } from '@/api/types'

export interface Progress {
  verified: number
  /** Ended, and not as hoped. */
  failed: number
  waiting: number
}

export function progressOf(batch: Batch): Progress {
  const count = (...states: string[]) => states.reduce((sum, state) => sum + (batch.counts[state] ?? 0), 0)
  return { verified: count('verified'), failed: count('failed', 'declined', 'cancelled', 'expired'), waiting: count('invited', 'consented') }
}

/** 3 人：1 人通过，1 人没有通过，1 人还在等 */
export function progressText(batch: Batch): string {
  const { verified, failed, waiting } = progressOf(batch)
  const parts = [
    verified && `${verified} 人通过`,
    failed && `${failed} 人没有通过`,
    waiting && `${waiting} 人还在等`,
  ].filter(Boolean)
  return `${batch.total} 人：${parts.join('，')}`
}
