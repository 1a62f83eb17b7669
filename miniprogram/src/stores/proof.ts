/** Whether the person has already shown who they are, for exactly this document. */
import { api } from '@/api/client'
import type { Schemas } from '@/api/types'

export type Verification = Schemas['VerificationView']

/** The one that a signature may be made with now, from the camera or from a counter. */
export function proofFor(all: readonly Verification[], documentSha256: string | null): Verification | null {
  return all.find((one) => one.allowed_actions.includes('assert') && documentSha256 !== null && one.document_sha256 === documentSha256) ?? null
}

export const verificationsOf = (caseId: string): Promise<Verification[]> =>
  api.get('/api/citizen/verifications', { query: { application_id: caseId } })
