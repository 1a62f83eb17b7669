import { beforeEach, describe, expect, it, vi } from 'vitest'
import { aheadText, anyPlace, dropPlace, isOver, keepPlace, placeOf, waitText, type VideoCheck } from '@/packages/identity/queueing'

const store = new Map<string, string>()
beforeEach(() => {
  store.clear()
  vi.stubGlobal('uni', {
    getStorageSync: (name: string) => store.get(name) ?? '',
    setStorageSync: (name: string, value: string) => void store.set(name, value),
    removeStorageSync: (name: string) => void store.delete(name),
  })
})

describe('a place in the video queue', () => {
  it('is kept for the case for which one queues', () => {
    expect([placeOf('case_1'), anyPlace()]).toEqual([null, null])
    keepPlace('video_1', 'case_1')
    expect([placeOf('case_1'), placeOf('case_2'), anyPlace()?.id]).toEqual(['video_1', null, 'video_1'])
    dropPlace()
    expect(anyPlace()).toBeNull()
  })

  it('is over when it is decided or given up', () => {
    const states = ['waiting', 'talking', 'decided', 'abandoned']
    expect(states.map((state) => isOver({ state } as VideoCheck))).toEqual([false, false, true, true])
  })
})

describe('waiting in words', () => {
  it('counts who is before one', () => {
    expect([1, 2, 11].map(aheadText)).toEqual(['下一个就是您', '前面还有 1 位', '前面还有 10 位'])
  })

  it('is rounded up, and long waits name another way', () => {
    expect([null, 0, 60, 61, 300, 5399].map(waitText)).toEqual(['', '大约再等 1 分钟', '大约再等 1 分钟', '大约再等 2 分钟', '大约再等 5 分钟', '大约再等 90 分钟'])
    expect(waitText(7300)).toBe('大约再等 3 小时，也可以改约窗口')
  })
})
