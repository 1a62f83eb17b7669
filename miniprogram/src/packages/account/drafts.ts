/** What this phone itself keeps of a person's typing. Everything else is with the hall. */
import { kept } from '@/stores/kept'

const isTyped = (name: string): boolean => name.startsWith('draft.')

export const draftsHere = (): number => kept.names().filter(isTyped).length

export function forgetDrafts(): void {
  kept.names().filter(isTyped).forEach((name) => kept.drop(name))
}
