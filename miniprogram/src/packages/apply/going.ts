/** What comes after the materials and after the signers: the next gap, or the commitment and then the signing. */
import { api } from '@/api/client'
import type { Schemas } from '@/api/types'
import { navigation } from '@/stores/navigation'
import { progressOf, stepOf } from '@/stores/steps'

/** Makes the commitment as soon as nothing is missing, so that one tap leads on to the identity check. */
export async function goOnFrom(found: Schemas['CaseView'], key: string): Promise<void> {
  let now = found
  if (now.next_step.action === 'prepare_signing') {
    now = await api.post('/api/citizen/cases/{case_id}/commitment', undefined, { path: { case_id: now.id }, key })
  }
  const step = stepOf(now) ?? progressOf(now.id)
  navigation.open(step.page, step.query)
}
