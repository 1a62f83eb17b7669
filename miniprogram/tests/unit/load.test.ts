import { describe, expect, it, vi } from 'vitest'

const hooks: Record<string, () => void> = {}
vi.mock('@dcloudio/uni-app', () => ({
  onShow: (hook: () => void) => (hooks.show = hook),
  onPullDownRefresh: (hook: () => void) => (hooks.pull = hook),
}))
const { useLoad } = await import('@/composables/useLoad')

/** A read whose answers come when they are told to. */
function asked() {
  const answers: ((value: string) => void)[] = []
  const loaded = useLoad(() => new Promise<string>((resolve) => answers.push(resolve)))
  return { answers, loaded }
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 0))

describe('loading', () => {
  it('keeps the newest answer, whichever comes last', async () => {
    const { answers, loaded } = asked()
    hooks.show?.()
    hooks.show?.()
    answers[1]?.('second')
    await settled()
    answers[0]?.('first')
    await settled()
    expect(loaded.data.value).toBe('second')
    expect(loaded.isLoading.value).toBe(false)
  })

  it('does not let a read that was under way replace what a write has answered', async () => {
    const { answers, loaded } = asked()
    hooks.show?.()
    loaded.put('written')
    answers[0]?.('read before')
    await settled()
    expect(loaded.data.value).toBe('written')
    expect(loaded.isLoading.value).toBe(false)
  })
})
