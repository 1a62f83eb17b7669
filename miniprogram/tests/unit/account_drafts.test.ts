import { beforeEach, describe, expect, it, vi } from 'vitest'

const phone = new Map<string, string>()
vi.stubGlobal('uni', {
  getStorageSync: (name: string) => phone.get(name) ?? '',
  setStorageSync: (name: string, value: string) => phone.set(name, value),
  removeStorageSync: (name: string) => phone.delete(name),
  getStorageInfoSync: () => ({ keys: [...phone.keys()] }),
})
const { draftsHere, forgetDrafts } = await import('@/packages/account/drafts')
const { kept } = await import('@/stores/kept')

describe('drafts on this phone', () => {
  beforeEach(() => phone.clear())

  it('forgets what was typed, and nothing else', () => {
    kept.set('draft.form.case_1', { name: '张伟' })
    kept.set('draft.rating.case_2', { level: '5' })
    kept.set('session', { token: 't' })
    kept.set('large', true)
    phone.set('other-app', 'x')
    expect(draftsHere()).toBe(2)
    forgetDrafts()
    expect(draftsHere()).toBe(0)
    expect([...phone.keys()].sort()).toEqual(['other-app', 'zt.large', 'zt.session'])
  })
})
