/** From what the hall says to do next to the page where it is done. The only place that knows which page that is. */
import type { Schemas } from '@/api/types'

export type NextStep = Schemas['NextStep']

export interface Step {
  /** What the button says. */
  label: string
  page: string
  query: Record<string, string>
}

/** What the step is about; a summary has no `parcel_id`. */
export interface Standing {
  id: string
  next_step: NextStep
  parcel_id?: string | null
}

const EDITS: Record<string, [label: string, page: string]> = {
  form: ['去填写', '/packages/apply/form'],
  delivery: ['去填地址', '/packages/apply/form'],
  materials: ['去上传', '/packages/apply/materials'],
  parties: ['去邀请', '/packages/apply/signers'],
}
const ACTIONS: Record<string, [label: string, page: string]> = {
  prepare_signing: ['去签名', '/packages/apply/signers'],
  sign: ['去核验和签名', '/packages/identity/consent'],
  submit: ['去提交', '/packages/signing/sign'],
  reopen: ['去修改', '/packages/apply/form'],
}

/** Null when there is nothing to press. */
export function stepOf(found: Standing): Step | null {
  const { action, section } = found.next_step
  const known = action === 'edit' ? (EDITS[section ?? 'form'] ?? EDITS.form) : ACTIONS[action ?? '']
  if (known) return { label: known[0], page: known[1], query: { case: found.id } }
  if (section === 'parcel' && found.parcel_id) return { label: '查看快件', page: '/packages/delivery/parcel', query: { id: found.parcel_id } }
  if (section === 'rating') return { label: '评价这次服务', page: '/packages/case/rating', query: { case: found.id } }
  return null
}

/** Where all that is known of a case stands, and every step can be reached from. */
export const progressOf = (caseId: string): Step => ({ label: '查看进度', page: '/packages/case/progress', query: { case: caseId } })
