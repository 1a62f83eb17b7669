/** R24: the counter's days and times, in Beijing time, and how long a place is still held by the hall's clock. */
import { describe, expect, it } from 'vitest'
import { countdown, dateOf, dayName, daysOf, livingFor, roomOf, type Appointment, type Slot } from '@/packages/identity/booking'

const slot = (starts_at: string, left = 1, id = starts_at): Slot => ({ id, office_id: 'o', purpose: 'identity_check', starts_at, ends_at: starts_at, left })
const NOW = Date.parse('2026-11-22T20:00:00Z') // 23 November, 4 in the morning in Beijing

describe('days', () => {
  it('are Beijing days, in order, with what is free in the morning and the afternoon', () => {
    const days = daysOf([slot('2026-11-24T05:00:00Z'), slot('2026-11-22T16:30:00Z'), slot('2026-11-23T01:00:00Z', 3), slot('2026-11-23T02:00:00Z', 0)])
    expect(days.map((day) => day.date)).toEqual(['2026-11-23', '2026-11-24'])
    expect(days[0]).toMatchObject({ left: 4, afternoon: [] })
    expect(days[0]!.morning).toHaveLength(2)
    expect(days[1]!.afternoon).toHaveLength(1)
  })

  it('offer one of two slots that begin at the same time: the one with more room', () => {
    const [day] = daysOf([slot('2026-11-23T01:00:00Z', 1, 'a'), slot('2026-11-23T01:00:00Z', 4, 'b'), slot('2026-11-23T01:00:00Z', 2, 'c')])
    expect(day!.morning.map((one) => one.id)).toEqual(['b'])
  })

  it('have names that people use', () => {
    expect(dateOf(NOW)).toBe('2026-11-23')
    expect(dayName('2026-11-23', NOW)).toBe('今天 11月23日 周一')
    expect(dayName('2026-11-24', NOW)).toBe('明天 11月24日 周二')
    expect(dayName('2026-12-06', NOW)).toBe('12月6日 周日')
    expect([roomOf(3), roomOf(436)]).toEqual(['还有 3 个号', '号还多'])
  })
})

describe('a held place', () => {
  it('counts down by the clock it is given and ends at nothing', () => {
    expect(countdown('2026-11-22T20:10:00Z', NOW)).toBe('10 分 0 秒')
    expect(countdown('2026-11-22T20:00:07.200Z', NOW)).toBe('8 秒')
    expect(countdown('2026-11-22T19:59:59Z', NOW)).toBe('')
    expect(countdown(null, NOW)).toBe('')
    expect(countdown('soon', NOW)).toBe('')
  })
})

describe('the booking of a case', () => {
  const one = (id: string, case_id: string | null, allowed_actions: string[], state = 'confirmed') => ({ id, case_id, allowed_actions, state }) as Appointment

  it('is the living one of that case, or of none', () => {
    const all = [one('ended', 'c1', []), one('other', 'c2', ['cancel']), one('mine', 'c1', ['cancel']), one('free', null, ['cancel'])]
    expect(livingFor(all, 'c1')?.id).toBe('mine')
    expect(livingFor(all, '')?.id).toBe('free')
    expect(livingFor(all, 'c3')).toBeNull()
    expect(livingFor([one('served', 'c1', [], 'checked_in')], 'c1')?.id).toBe('served')
  })
})
