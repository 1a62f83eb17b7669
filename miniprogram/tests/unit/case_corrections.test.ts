/** R25: all points of a one-time notice stand together, field by field; those of earlier rounds are history. */
import { describe, expect, it } from 'vitest'
import type { Schemas } from '@/api/types'
import { correctionsOf } from '@/packages/case/corrections'

const line = (round: number, subject: string): Schemas['GapView'] => ({ round, subject, label: subject, reason: '请重拍' })
const told = (allowed: string[], action: string | null, corrections: Schemas['GapView'][]) => ({
  allowed_actions: allowed,
  next_step: { title: '', hint: '', action, section: null },
  corrections,
})

describe('corrections', () => {
  it('shows every point of the newest round while something may be changed', () => {
    const found = correctionsOf(told(['reopen', 'withdraw'], 'reopen', [line(1, 'form.name'), line(1, 'materials.M03')]))
    expect(found.title).toBe('要修改的地方（2 处）')
    expect(found.current.map((one) => one.subject)).toEqual(['form.name', 'materials.M03'])
    expect(found.earlier).toEqual([])
  })

  it('asks to check them again once the case is open for changes', () => {
    const found = correctionsOf(told(['edit', 'prepare_signing'], 'prepare_signing', [line(1, 'form.name'), line(2, 'form.seats')]))
    expect(found.title).toContain('请核对这 1 处')
    expect(found.current.map((one) => one.round)).toEqual([2])
    expect(found.earlier.map((one) => one.round)).toEqual([1])
  })

  it('is history when nothing may be changed any more', () => {
    const found = correctionsOf(told(['withdraw'], null, [line(1, 'form.name')]))
    expect(found.current).toEqual([])
    expect(found.earlier).toHaveLength(1)
  })

  it('is empty without a case', () => {
    expect(correctionsOf(undefined)).toEqual({ title: '', text: '', current: [], earlier: [] })
  })
})
