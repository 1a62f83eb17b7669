/** A button that changes something: one at a time however often it is tapped, the same idempotency key until it is answered. */
import { ref, type Ref } from 'vue'
import { newKey } from '@/api/client'
import { ApiError, Offline, explain, isGone, type Explained } from '@/api/errors'

export interface Write<A extends unknown[], T> {
  run: (...args: A) => Promise<T | undefined>
  isBusy: Ref<boolean>
  problem: Ref<Explained | null>
  /** The server's words for single fields. */
  fields: Ref<Record<string, string>>
}

/** `act` gets the key first. After no answer (Offline, 5xx) the next tap repeats the same write; after an answer it is a new one. */
export function useWrite<A extends unknown[], T>(act: (key: string, ...args: A) => Promise<T>): Write<A, T> {
  const isBusy = ref(false)
  const problem = ref<Explained | null>(null)
  const fields = ref<Record<string, string>>({})
  let key = newKey()
  let signature = ''

  async function run(...args: A): Promise<T | undefined> {
    if (isBusy.value) return undefined
    isBusy.value = true
    problem.value = null
    fields.value = {}
    const asked = JSON.stringify(args)
    if (asked !== signature) key = newKey()
    signature = asked
    try {
      const done = await act(key, ...args)
      key = newKey()
      return done
    } catch (error) {
      const isUnanswered = error instanceof Offline || (error instanceof ApiError && error.status >= 500)
      if (!isUnanswered) key = newKey()
      if (error instanceof ApiError) fields.value = error.fields
      if (!isGone(error)) problem.value = explain(error)
      return undefined
    } finally {
      isBusy.value = false
    }
  }
  return { run, isBusy, problem, fields }
}
