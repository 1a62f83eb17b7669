import type { Schemas } from '@/api/types'

type Gap = Schemas['GapView']

/** Those of the last round: earlier ones are settled. */
export function asked(corrections: Gap[]): Gap[] {
  const last = Math.max(0, ...corrections.map((gap) => gap.round))
  return corrections.filter((gap) => gap.round === last)
}
