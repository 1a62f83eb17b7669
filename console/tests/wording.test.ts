import { describe, expect, it } from 'vitest'

import type { Deadline } from '@/api/types'
import { clockText, dayText, momentText, shiftDay, today } from '@/components/dates'
import { deadlineText } from '@/components/deadline'
import { actionsOf } from '@/components/review/actions'
import { menuOf } from '@/layouts/menu'
import { TABS, countsOf } from '@/pages/clerk/queue'
import { shareText, waitText } from '@/pages/supervisor/parity'

const deadline = (left: number): Deadline => ({ on: '2026-11-30', working_days_left: left, tone: 'calm', label: '承诺办结' })

describe('deadlines', () => {
  it.each([
    [5, '还剩 5 个工作日'],
    [1, '还剩 1 个工作日'],
    [0, '今天到期'],
    [-2, '已超期 2 个工作日'],
  ])('%i → %s', (left, text) => {
    expect(deadlineText(deadline(left))).toBe(text)
  })
})

describe('dates', () => {
  it('are Beijing dates whatever the clock of this computer says', () => {
    const now = new Date('2026-11-23T00:00:00Z')
    expect(momentText('2026-11-22T21:25:00Z', now)).toBe('11月23日 05:25')
    expect(momentText('2025-01-01T02:00:00Z', now)).toBe('2025年1月1日 10:00')
    expect(clockText('2026-11-22T16:05:00Z')).toBe('00:05')
    expect(today(new Date('2026-11-22T16:30:00Z'))).toBe('2026-11-23')
  })

  it('are readable', () => {
    expect(dayText('2026-03-05')).toBe('2026年3月5日')
    expect(dayText(null)).toBe('—')
    expect(shiftDay('2026-02-28', 1)).toBe('2026-03-01')
    expect(shiftDay('2026-01-01', -1)).toBe('2025-12-31')
  })
})

describe('buttons', () => {
  it('come from allowed_actions alone', () => {
    expect(actionsOf([])).toEqual([])
    expect(actionsOf(['pass', 'return']).map((action) => action.dialog)).toEqual(['pass', 'return'])
    expect(actionsOf(['grant', 'refuse', 'pause']).map((action) => action.dialog)).toEqual(['decide', 'pause'])
  })
})

describe('the menu', () => {
  it('shows what the permissions open', () => {
    const labels = (role: string, ...permissions: string[]) => menuOf({ role, permissions }).map((entry) => entry.label)
    expect(labels('clerk', 'case.prereview', 'parcel.hand_over', 'appointment.serve')).toEqual(['办件', '出件', '窗口', '证照'])
    expect(labels('clerk', 'case.decide', 'feedback.handle')).toEqual(['办件', '整改', '证照'])
    expect(labels('supervisor')).toEqual(['留痕核验', '核验方式', '核验照片'])
    expect(labels('enterprise')).toEqual(['企业', '核验', '批量', '密钥', '通知', '用量'])
    expect(labels('courier')).toEqual([])
  })
})

describe('the queue', () => {
  const rows = ['prereview', 'prereview', 'accepted', 'delivering'].map((state) => ({ state })) as unknown as Parameters<typeof countsOf>[0]

  it('counts open work by tab', () => {
    expect(countsOf(rows, 200)).toMatchObject({ all: 4, prereview: 2, accept: 0, decide: 1, finishing: 1 })
    expect(TABS.filter((tab) => tab.asks).every((tab) => !(tab.key in countsOf(rows, 200)))).toBe(true)
  })

  it('says when the list was cut off', () => {
    expect(countsOf(rows, 4)).toMatchObject({ all: '4+', prereview: '2+' })
  })
})

describe('parity of routes', () => {
  it('is worded', () => {
    expect(shareText({ accepted: 2, started: 3 })).toBe('67%')
    expect(shareText({ accepted: 0, started: 0 })).toBe('暂无数据')
    expect([waitText(null), waitText(3.2), waitText(600), waitText(7200)]).toEqual(['暂无数据', '3 秒', '10 分钟', '2 小时'])
  })
})
