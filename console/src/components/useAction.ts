import { type Ref, ref, shallowRef } from 'vue'

import { type ApiError, asApiError } from '@/api/errors'

export interface Action<A extends unknown[]> {
  run: (...given: A) => Promise<boolean>
  isBusy: Readonly<Ref<boolean>>
  error: Ref<ApiError | null>
}

/** Something the reader does: while it runs it cannot be started again; `run` says whether it worked, `error` says why not. */
export function useAction<A extends unknown[]>(work: (...given: A) => Promise<void>): Action<A> {
  const isBusy = ref(false)
  const error = shallowRef<ApiError | null>(null)

  async function run(...given: A): Promise<boolean> {
    if (isBusy.value) return false
    isBusy.value = true
    error.value = null
    try {
      await work(...given)
      return true
    } catch (thrown) {
      error.value = asApiError(thrown)
      return false
    } finally {
      isBusy.value = false
    }
  }

  return { run, isBusy, error }
}
