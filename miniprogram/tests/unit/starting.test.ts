/** One tap starts one case, also when the app is killed before the answer or the login comes in between. */
import { beforeEach, expect, it, vi } from 'vitest'
import { answersOf, keepAnswers, startAnew, startOf, started } from '@/packages/apply/answers'

const storage = new Map<string, string>()
beforeEach(() => {
  storage.clear()
  vi.stubGlobal('uni', {
    getStorageSync: (key: string) => storage.get(key) ?? '',
    setStorageSync: (key: string, value: string) => storage.set(key, value),
    removeStorageSync: (key: string) => storage.delete(key),
  })
  keepAnswers('item', { area_sqm: 86 })
})

it('the same answers keep the same key until the case is known', () => {
  const { key } = startOf('item')
  expect(startOf('item').key).toBe(key)
  started('item', 'case_1')
  expect(startOf('item')).toMatchObject({ key, caseId: 'case_1' })
})

it('other answers, and another one on purpose, are another case', () => {
  const { key } = startOf('item')
  keepAnswers('item', { area_sqm: 90 })
  expect(startOf('item')).toMatchObject({ caseId: '' })
  expect(startOf('item').key).not.toBe(key)
  started('item', 'case_2')
  startAnew('item')
  expect(startOf('item').caseId).toBe('')
  expect(answersOf('item')).toEqual({ area_sqm: 90 })
})
