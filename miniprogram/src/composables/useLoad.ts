/** Something read from the hall for a page: skeleton at first, the old content while it is read again, a way on when it fails. */
import { onShow, onPullDownRefresh } from '@dcloudio/uni-app'
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { explain, isGone, type Explained } from '@/api/errors'

export interface Loaded<T> {
  data: ShallowRef<T | null>
  error: Ref<Explained | null>
  isLoading: Ref<boolean>
  reload: () => Promise<void>
  /** What a write has answered: newer than whatever is still being read. */
  put(value: T): void
}

/** `read` is called when the page is shown (again) and on pull-to-refresh; a late answer never replaces a newer one. */
export function useLoad<T>(read: () => Promise<T>): Loaded<T> {
  const data = shallowRef<T | null>(null)
  const error = ref<Explained | null>(null)
  const isLoading = ref(false)
  let turn = 0

  async function reload(): Promise<void> {
    const mine = ++turn
    isLoading.value = true
    try {
      const found = await read()
      if (mine === turn) {
        data.value = found
        error.value = null
      }
    } catch (problem) {
      if (mine === turn && !isGone(problem)) error.value = explain(problem)
    } finally {
      if (mine === turn) isLoading.value = false
    }
  }

  function put(value: T): void {
    turn += 1
    data.value = value
    error.value = null
    isLoading.value = false
  }

  onShow(() => void reload())
  onPullDownRefresh(() => void reload().finally(() => uni.stopPullDownRefresh()))
  return { data, error, isLoading, reload, put }
}
