import { type Ref, onScopeDispose, ref, shallowRef } from 'vue'

import { type ApiError, asApiError } from '@/api/errors'

export interface Load<T> {
  data: Readonly<Ref<T | null>>
  error: Readonly<Ref<ApiError | null>>
  isLoading: Readonly<Ref<boolean>>
  reload: () => Promise<void>
  put: (value: T) => void
}

/** Loads at once; `reload` keeps the old facts on the page until new ones arrive; a late answer to an older question is dropped. */
export function useLoad<T>(ask: () => Promise<T>): Load<T> {
  const data = shallowRef<T | null>(null)
  const error = shallowRef<ApiError | null>(null)
  const isLoading = ref(true)
  let latest = 0
  onScopeDispose(() => {
    latest += 1
  })

  async function reload(): Promise<void> {
    latest += 1
    const mine = latest
    isLoading.value = true
    try {
      const answer = await ask()
      if (mine !== latest) return
      data.value = answer
      error.value = null
    } catch (thrown) {
      if (mine === latest) error.value = asApiError(thrown)
    } finally {
      if (mine === latest) isLoading.value = false
    }
  }

  function put(value: T): void {
    latest += 1
    data.value = value
    error.value = null
    isLoading.value = false
  }

  void reload()
  return { data, error, isLoading, reload, put }
}
