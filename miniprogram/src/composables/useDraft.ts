/** What is being typed survives back, a call, a killed app and a lost login: kept on the phone at once, sent to the hall soon after. */
import { onHide, onUnload } from '@dcloudio/uni-app'
import { ref, type Ref } from 'vue'
import { explain, isGone, type Explained } from '@/api/errors'
import { kept } from '@/stores/kept'

export interface Draft<T> {
  /** Changed and not yet with the server, from this or an earlier run. */
  pending: () => T | null
  change: (value: T) => void
  /** Send now; true when nothing is left to send. */
  flush: () => Promise<boolean>
  state: Ref<'saved' | 'saving' | 'waiting'>
  problem: Ref<Explained | null>
}

const PAUSE = 800

/** `save` sends one value; calls never overlap and the last value wins. */
export function useDraft<T>(name: string, save: (value: T) => Promise<void>): Draft<T> {
  const state = ref<'saved' | 'saving' | 'waiting'>(kept.get<T>(`draft.${name}`) === null ? 'saved' : 'waiting')
  const problem = ref<Explained | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<boolean> | null = null
  let version = 0

  const pending = (): T | null => kept.get<T>(`draft.${name}`)

  function change(value: T): void {
    version += 1
    kept.set(`draft.${name}`, value)
    state.value = 'waiting'
    clearTimeout(timer)
    timer = setTimeout(() => void flush(), PAUSE)
  }

  async function once(): Promise<boolean> {
    for (;;) {
      const value = pending()
      if (value === null) {
        state.value = 'saved'
        return true
      }
      const sent = version
      state.value = 'saving'
      try {
        await save(value)
      } catch (error) {
        state.value = 'waiting'
        if (!isGone(error)) problem.value = explain(error)
        return false
      }
      problem.value = null
      if (sent === version) kept.drop(`draft.${name}`)
    }
  }

  function flush(): Promise<boolean> {
    clearTimeout(timer)
    running ??= once().finally(() => {
      running = null
    })
    return running
  }

  onHide(() => void flush())
  onUnload(() => void flush())
  return { pending, change, flush, state, problem }
}
