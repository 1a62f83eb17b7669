/** A button that changes something, tapped twice, tapped without signal, tapped again. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError, Offline } from '@/api/errors'
import { useWrite } from '@/composables/useWrite'
import { Phone } from './parts/phone'

new Phone()
const keys: string[] = []
let answer: () => Promise<string>
const act = vi.fn((key: string, ..._args: string[]) => {
  keys.push(key)
  return answer()
})

beforeEach(() => {
  keys.length = 0
  act.mockClear()
  answer = () => Promise.resolve('done')
})

describe('useWrite', () => {
  it('acts once however often it is tapped', async () => {
    let finish: (word: string) => void = () => undefined
    answer = () => new Promise((resolve) => (finish = resolve))
    const write = useWrite(act)
    const taps = [write.run('a'), write.run('a'), write.run('a')]
    expect(write.isBusy.value).toBe(true)
    finish('done')
    expect(await Promise.all(taps)).toEqual(['done', undefined, undefined])
    expect(act).toHaveBeenCalledTimes(1)
    expect(write.isBusy.value).toBe(false)
  })

  it.each([
    ['no signal', new Offline()],
    ['a broken server', new ApiError(502, 'upstream.unreadable', '忙')],
  ])('repeats the same write after %s', async (_name, error) => {
    const write = useWrite(act)
    answer = () => Promise.reject(error)
    expect(await write.run('a')).toBeUndefined()
    expect(write.problem.value?.canRetry).toBe(true)
    answer = () => Promise.resolve('done')
    expect(await write.run('a')).toBe('done')
    expect(keys[1]).toBe(keys[0])
    expect(write.problem.value).toBeNull()
  })

  it('is a new write after an answer, good or bad', async () => {
    const write = useWrite(act)
    await write.run('a')
    answer = () => Promise.reject(new ApiError(422, 'request.invalid', '有几处要改。', { code: '要填 6 位。' }))
    await write.run('a')
    expect(write.fields.value).toEqual({ code: '要填 6 位。' })
    expect(write.problem.value?.text).toBe('有几处要改。')
    answer = () => Promise.resolve('done')
    await write.run('a')
    expect(new Set(keys).size).toBe(3)
    expect(write.fields.value).toEqual({})
  })

  it('is another write when something else is sent, even without an answer to the first', async () => {
    const write = useWrite(act)
    answer = () => Promise.reject(new Offline())
    await write.run('a')
    await write.run('b')
    expect(keys[1]).not.toBe(keys[0])
  })

  it('says nothing when the session is gone: the login page does', async () => {
    const write = useWrite(act)
    answer = () => Promise.reject(new ApiError(401, 'auth.required', '请先登录。'))
    await write.run('a')
    expect(write.problem.value).toBeNull()
  })
})
