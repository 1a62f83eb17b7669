/** Something that belongs to the person who is logged in; not asked for while nobody is. */
import { session } from '@/stores/session'
import { useLoad, type Loaded } from './useLoad'

export function useMine<T>(read: () => Promise<T>): Loaded<T> {
  return useLoad<T>(async () => (session.isIn.value ? read() : (null as T)))
}
