/** A promise runs until it is kept: after the decision no deadline is shown any more. */
import { expect, it } from 'vitest'
import { promiseOf } from '@/packages/case/promise'

const accepted = { promised_on: '2026-11-25', decided_at: null, closed_at: null, is_deadline_provisional: false }

it('is told while the hall is at work, and that it may move where the holidays are not known', () => {
  expect(promiseOf(accepted)).toBe('承诺 2026年11月25日 前办好')
  expect(promiseOf({ ...accepted, is_deadline_provisional: true })).toContain('可能会有小的调整')
})

it.each([
  ['before the clock starts', { promised_on: null }],
  ['after the decision, with the licence still on its way', { decided_at: '2026-11-24T01:00:00Z' }],
  ['after it was withdrawn or closed', { closed_at: '2026-11-24T01:00:00Z' }],
])('is not told %s', (_when, part) => {
  expect(promiseOf({ ...accepted, ...part })).toBe('')
})
