import type { CaseRow } from '@/api/types'

/** The queue's tabs: open work is loaded at once and counted here; finished work is asked for when its tab is opened. */
export type TabKey = 'all' | 'prereview' | 'accept' | 'decide' | 'special' | 'finishing' | 'returned' | 'closed'

export interface Tab {
  key: TabKey
  label: string
  states?: readonly string[]
  asks?: readonly ('returned' | 'closed' | 'refused' | 'withdrawn')[]
}

export const TABS: readonly Tab[] = [
  { key: 'all', label: '全部在办' },
  { key: 'prereview', label: '待预审', states: ['prereview'] },
  { key: 'accept', label: '待受理', states: ['prereviewed'] },
  { key: 'decide', label: '待决定', states: ['accepted'] },
  { key: 'special', label: '特别程序', states: ['special'] },
  { key: 'finishing', label: '制证送达', states: ['granted', 'delivering'] },
  { key: 'returned', label: '待补正', asks: ['returned'] },
  { key: 'closed', label: '已办结', asks: ['closed', 'refused', 'withdrawn'] },
]

export function isIn(tab: Tab, state: string): boolean {
  return !tab.states || tab.states.includes(state)
}

/** How many rows each tab has; when the list was cut off at `limit`, the number is only a lower bound and says so. */
export function countsOf(rows: readonly CaseRow[], limit: number): Record<string, number | string> {
  const isCut = rows.length >= limit
  return Object.fromEntries(
    TABS.filter((tab) => !tab.asks).map((tab) => {
      const count = rows.filter((row) => isIn(tab, row.state)).length
      return [tab.key, isCut ? `${count}+` : count]
    }),
  )
}
