/** What somebody proves who they are for: the document of a case, or the question of an enterprise. The only place that knows both. */
import { api } from '@/api/client'
import { verificationsOf, proofFor, type Verification } from '@/stores/proof'

export interface Wanted {
  case?: string
  request?: string
}

export interface Matter {
  /** What the proof is bound to. */
  id: string
  sha256: string | null
  purpose: string
  /** As pages are opened with it. */
  wanted: Wanted
  isForEnterprise: boolean
  /** Nothing is to be proven any more, or not yet. */
  isClosed: boolean
  /** Too many faces were refused: another way only. */
  isWithoutFace: boolean
  proof: Verification | null
}

export const wantedOf = (query?: Record<string, string | undefined>): Wanted =>
  query?.request ? { request: query.request } : { case: query?.case ?? '' }

/** An appointment for an enterprise's question carries its id where others carry a case's; ids say what they name. */
export const wantedById = (id: string | null): Wanted => (id?.startsWith('vreq_') ? { request: id } : { case: id ?? undefined })

export const isNamed = (wanted: Wanted): boolean => Boolean(wanted.request || wanted.case)

/** The page where the person goes on once it is proven. */
export const nextPage = (wanted: Wanted): string => (wanted.request ? '/packages/identity/asked' : '/packages/signing/sign')

/** The proof that counts for what is bound to this id, and to this document if there is one. */
export const proofAmong = (matter: Pick<Matter, 'isForEnterprise' | 'sha256'>, all: readonly Verification[]): Verification | null =>
  matter.isForEnterprise
    ? (all.find((one) => one.document_sha256 === null && one.allowed_actions.includes('assert')) ?? null)
    : proofFor(all, matter.sha256)

export interface Done {
  title: string
  text: string
  /** On the button that leads to `nextPage`. */
  go: string
  icon: string
}

/** What to say when nothing is left to prove; null while something is. */
export function doneOf(matter: Matter | null | undefined): Done | null {
  if (!matter || !(matter.proof || matter.isClosed)) return null
  const title = matter.proof ? '您的身份已经核验过了' : '这件事不用再核验了'
  if (matter.isForEnterprise) return { title, text: '结果在下一页。', go: '去看看', icon: 'forward' }
  return { title, text: matter.proof ? '可以看承诺书并签名了。' : '下一页写着这件事到哪一步了。', go: matter.proof ? '去签名' : '去看看', icon: 'sign' }
}

export async function matterOf(wanted: Wanted): Promise<Matter> {
  const id = wanted.request ?? wanted.case ?? ''
  if (wanted.request) {
    // Before the question: a proof that serves the enterprise between the two answers is seen in the second, and not missed in both.
    const all = await verificationsOf(id)
    const asked = await api.get('/api/citizen/verification-requests/{request_id}', { path: { request_id: id } })
    const ways = { isClosed: !asked.ways.length, isWithoutFace: !asked.ways.includes('face') }
    const proof = proofAmong({ isForEnterprise: true, sha256: null }, all)
    return { id, wanted, sha256: null, purpose: 'enterprise_request', isForEnterprise: true, ...ways, proof }
  }
  const [found, all] = await Promise.all([api.get('/api/citizen/cases/{case_id}', { path: { case_id: id } }), verificationsOf(id)])
  const sha256 = found.commitment_sha256
  const isClosed = found.my_signature !== 'waiting'
  return { id, wanted, sha256, purpose: 'sign_commitment', isForEnterprise: false, isClosed, isWithoutFace: false, proof: proofFor(all, sha256) }
}
