/** Giving a signature: the proof of identity is turned into an assertion and used at once, since it lives a few minutes only. */
import { api } from '@/api/client'
import { ApiError } from '@/api/errors'
import type { BodyOf, Schemas } from '@/api/types'
import { thinned } from '@/components/strokes'
import type { Verification } from '@/stores/proof'
import type { Progress } from './keeping'

type Body = BodyOf<'/api/citizen/cases/{case_id}/signature', 'post'>
export type Standing = 'signed' | 'prove_again' | 'read_again' | 'look_again' | null

/** What a refusal asks for; null when it is no refusal that the page knows a way on from. */
export function afterRefusal(error: unknown): Standing {
  if (!(error instanceof ApiError)) return null
  switch (error.code) {
    case 'identity.not_accepted':
    case 'identity.assertion_expired':
    case 'identity.assertion_invalid':
    case 'identity.assertion_used':
      return 'prove_again'
    case 'esign.already_signed':
      return 'signed'
    case 'esign.read_first':
      return 'read_again'
    case 'esign.consent_outdated':
    case 'request.conflict':
    case 'flow.illegal_move':
    case 'request.not_found':
      return 'look_again'
    default:
      return null
  }
}

/** A signature without an answer is repeated word for word, since the key stands for exactly that request. */
export class Giving {
  private sent: { key: string; body: Body } | null = null

  async give(key: string, found: Schemas['CaseView'], proof: Verification, progress: Progress, isReadToEnd: boolean): Promise<Schemas['CaseView']> {
    if (this.sent?.key !== key) {
      const { assertion } = await api.post('/api/citizen/verifications/{verification_id}/assertion', undefined, { path: { verification_id: proof.id } })
      const signature = {
        strokes: thinned(progress.strokes),
        consent_version: found.consent_version,
        dwell_seconds: progress.seconds,
        is_scrolled_to_end: isReadToEnd,
      }
      this.sent = { key, body: { assertion, signature } as Body }
    }
    return api.post('/api/citizen/cases/{case_id}/signature', this.sent.body, { path: { case_id: found.id }, key })
  }
}
