/** What is being typed survives back, a call, a killed app and a lost login: kept on the phone at once, sent to the hall soon after. */
import { onHide, onUnload } from '@dcloudio/uni-app'
import { ref, type Ref } from 'vue'
import { Offline, explain, isBusy, isGone, type Explained } from '@/api/errors'
import { kept } from '@/stores/kept'
import { session } from '@/stores/session'

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
const AGAIN = 5000

/** `save` sends one value; calls never overlap and the last value wins. A name that is only known when the page has loaded is a function. */
export function useDraft<T>(name: string | (() => string), save: (value: T) => Promise<void>): Draft<T> {
  const slot = (): string => `draft.${typeof name === 'string' ? name : name()}`
  const state = ref<'saved' | 'saving' | 'waiting'>(typeof name === 'string' && kept.get<T>(slot()) !== null ? 'waiting' : 'saved')
  const problem = ref<Explained | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<boolean> | null = null
  let version = 0
  let isLeft = false

  // Also in memory: the phone's storage may be full or forbidden.
  let held: T | null = null
  const owner = session.owner()
  /** Somebody else has come, in another tab perhaps: nothing of this page is theirs. */
  const isForeign = (): boolean => session.owner() !== owner
  const pending = (): T | null => (isForeign() ? null : (held ?? kept.get<T>(slot())))

  function change(value: T): void {
    if (isForeign()) return
    version += 1
    held = value
    kept.set(slot(), value)
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
        // Without signal it goes on by itself as soon as it can.
        if (!isLeft && (error instanceof Offline || isBusy(error))) timer = setTimeout(() => void flush(), AGAIN)
        return false
      }
      problem.value = null
      if (sent === version) {
        held = null
        kept.drop(slot())
      }
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
  onUnload(() => {
    isLeft = true
    void flush()
  })
  return { pending, change, flush, state, problem }
}
