import { beforeEach, describe, expect, it, vi } from 'vitest'

const hooks: Record<string, () => void> = {}
vi.mock('@dcloudio/uni-app', () => ({
  onShow: (hook: () => void) => (hooks.show = hook),
  onHide: (hook: () => void) => (hooks.hide = hook),
  onUnload: (hook: () => void) => (hooks.unload = hook),
}))
const { usePolling } = await import('@/composables/usePolling')

describe('polling', () => {
  beforeEach(() => void vi.useFakeTimers())

  it('reads every 5 seconds while seen and something is expected', async () => {
    const read = vi.fn(async () => {})
    let isExpected = true
    usePolling(read, () => isExpected)
    hooks.show?.()
    await vi.advanceTimersByTimeAsync(10_100)
    expect(read).toHaveBeenCalledTimes(2)
    isExpected = false
    await vi.advanceTimersByTimeAsync(20_000)
    expect(read).toHaveBeenCalledTimes(2)
    isExpected = true
    await vi.advanceTimersByTimeAsync(5_000)
    expect(read).toHaveBeenCalledTimes(3)
  })

  it('is silent in the background and goes on when the page is seen again', async () => {
    const read = vi.fn(async () => {})
    usePolling(read, () => true)
    hooks.show?.()
    hooks.hide?.()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(read).not.toHaveBeenCalled()
    hooks.show?.()
    await vi.advanceTimersByTimeAsync(5_100)
    expect(read).toHaveBeenCalledTimes(1)
  })

  it('reads as often as the moment asks for', async () => {
    const read = vi.fn(async () => {})
    let pause = 5_000
    usePolling(read, () => true, () => pause)
    hooks.show?.()
    await vi.advanceTimersByTimeAsync(2_100)
    expect(read).not.toHaveBeenCalled()
    pause = 2_000
    await vi.advanceTimersByTimeAsync(3_000)
    expect(read).toHaveBeenCalledTimes(2)
  })

  it('waits for a slow answer, never asks twice at once, and a late answer does not wake a closed page', async () => {
    let answer = (): void => {}
    const read = vi.fn(() => new Promise<void>((resolve) => (answer = resolve)))
    usePolling(read, () => true)
    hooks.show?.()
    await vi.advanceTimersByTimeAsync(30_000)
    expect(read).toHaveBeenCalledTimes(1)
    hooks.unload?.()
    answer()
    await vi.advanceTimersByTimeAsync(30_000)
    expect(read).toHaveBeenCalledTimes(1)
  })
})
