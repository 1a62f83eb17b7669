/** Nothing that was typed is lost, whatever happens to the page, the signal, the session or the phone's storage. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Phone } from './parts/phone'

const leave: { hide: () => void; unload: () => void } = { hide: () => undefined, unload: () => undefined }
vi.mock('@dcloudio/uni-app', () => ({ onHide: (react: () => void) => (leave.hide = react), onUnload: (react: () => void) => (leave.unload = react) }))

let phone: Phone
let useDraft: typeof import('@/composables/useDraft').useDraft
let errors: typeof import('@/api/errors')
const saved: string[] = []
let save: (value: string) => Promise<void>

beforeEach(async () => {
  vi.useFakeTimers()
  vi.resetModules()
  phone = new Phone()
  useDraft = (await import('@/composables/useDraft')).useDraft
  errors = await import('@/api/errors')
  saved.length = 0
  save = async (value) => void saved.push(value)
})
const make = () => useDraft<string>('form', (value) => save(value))

describe('useDraft', () => {
  it('is on the phone at once and with the hall a moment after the last key', async () => {
    const draft = make()
    draft.change('张')
    draft.change('张伟')
    expect(phone.storage.get('zt.draft.form')).toBe('"张伟"')
    expect(saved).toEqual([])
    await vi.advanceTimersByTimeAsync(1000)
    expect(saved).toEqual(['张伟'])
    expect(draft.state.value).toBe('saved')
    expect(phone.storage.has('zt.draft.form')).toBe(false)
  })

  it('keeps everything when saving fails, and goes on by itself when the signal is back', async () => {
    const draft = make()
    save = () => Promise.reject(new errors.Offline())
    draft.change('张伟')
    await vi.advanceTimersByTimeAsync(1000)
    expect(draft.state.value).toBe('waiting')
    expect(draft.problem.value?.canRetry).toBe(true)
    expect(draft.pending()).toBe('张伟')
    save = async (value) => void saved.push(value)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(saved).toEqual(['张伟'])
    expect(draft.problem.value).toBeNull()
  })

  it('lets the last value win and never saves two at once', async () => {
    const draft = make()
    let running = 0
    save = async (value) => {
      expect((running += 1)).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 2000))
      running -= 1
      saved.push(value)
    }
    draft.change('一')
    await vi.advanceTimersByTimeAsync(1000)
    draft.change('二')
    draft.change('三')
    const isAllSent = draft.flush()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await isAllSent).toBe(true)
    expect(saved).toEqual(['一', '三'])
    expect(draft.pending()).toBeNull()
  })

  it('is found again after the app was killed, and sent', async () => {
    phone.storage.set('zt.draft.form', '"𠮷祥云"')
    const draft = make()
    expect(draft.state.value).toBe('waiting')
    expect(draft.pending()).toBe('𠮷祥云')
    expect(await draft.flush()).toBe(true)
    expect(saved).toEqual(['𠮷祥云'])
  })

  it('stays on the phone when the session is gone, without a word of its own', async () => {
    const draft = make()
    save = () => Promise.reject(new errors.ApiError(401, 'auth.required', '请先登录。'))
    draft.change('张伟')
    expect(await draft.flush()).toBe(false)
    expect(draft.problem.value).toBeNull()
    expect(phone.storage.get('zt.draft.form')).toBe('"张伟"')
  })

  it.each(['hide', 'unload'] as const)('is sent at once when the page is left (%s)', async (how) => {
    const draft = make()
    draft.change('张伟')
    leave[how]()
    await vi.advanceTimersByTimeAsync(0)
    expect(saved).toEqual(['张伟'])
  })

  it('is saved even when the phone’s storage is full', async () => {
    phone.isStorageFull = true
    const draft = make()
    draft.change('张伟')
    expect(draft.pending()).toBe('张伟')
    await vi.advanceTimersByTimeAsync(1000)
    expect(saved).toEqual(['张伟'])
  })
})
