/** What went wrong, in one shape, and what the reader can do about it. Codes are looked at here and nowhere else. */

export interface ErrorBody {
  code: string
  message: string
  fields?: Record<string, string>
  request_id?: string
}

/** What helps: correct the entries, load the page's facts again, try again now or later, sign in, see to the company's registration, or nothing. */
export type Remedy = 'fix' | 'reload' | 'retry' | 'wait' | 'sign_in' | 'register' | 'none'

export class ApiError extends Error {
  override readonly name = 'ApiError'
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: Readonly<Record<string, string>> = {},
    readonly requestId = '',
    readonly retryAfter: number | null = null,
  ) {
    super(message)
  }
}

export const NETWORK_LOST = 'client.network_lost'
export const TIMED_OUT = 'client.timed_out'
export const UNREADABLE = 'client.unreadable'

const OWN_TEXTS: Record<string, string> = {
  [NETWORK_LOST]: '网络断开了，您写的内容都还在。网络恢复后请再点一次。',
  [TIMED_OUT]: '服务器这次没有及时回复，您写的内容都还在，请再点一次。',
  [UNREADABLE]: '服务器的回复没有读懂，请稍后再试。',
}

/** Codes whose remedy differs from that of their status. */
const REMEDIES: Record<string, Remedy> = {
  'auth.credentials_wrong': 'fix',
  'request.idempotency_key_reused': 'retry',
  'case.gap_not_new': 'fix',
  'case.same_person': 'reload',
  'appointment.code_unknown': 'fix',
  'appointment.not_the_day': 'fix',
  'identity.document_mismatch': 'fix',
  'staff.username_taken': 'fix',
  'staff.person_taken': 'fix',
  'courier.employee_taken': 'fix',
  'esign.key_unavailable': 'wait',
  'upload.rejected': 'fix',
  'relying_party.not_registered': 'register',
  'relying_party.not_approved': 'register',
  'relying_party.organisation_taken': 'fix',
  'relying_party.reference_reused': 'fix',
  'relying_party.too_many_keys': 'fix',
  'relying_party.quota_exceeded': 'none',
  'webhook.too_many': 'fix',
  'webhook.delivery_pending': 'wait',
}

/** What was asked for is not there, or not any more. */
export const isGone = (thrown: unknown): boolean => thrown instanceof ApiError && thrown.status === 404

export function remedyOf(error: ApiError): Remedy {
  const known = REMEDIES[error.code]
  if (known) return known
  if (error.status === 0) return 'retry'
  if (error.status === 401) return 'sign_in'
  if (error.status === 403) return 'none'
  if (error.status === 404 || error.status === 409) return 'reload'
  if (error.status === 429) return 'wait'
  if (error.status >= 500) return 'retry'
  return 'fix'
}

/** Whether nobody here knows if the server did the work: the answer got lost on the way. */
export function isUncertain(error: ApiError | null): boolean {
  return error !== null && (error.status === 0 || error.status >= 500)
}

/** One sentence for people: the server's own, else ours; with the waiting time where the server named one. */
export function explain(error: ApiError): string {
  const text = error.message || OWN_TEXTS[error.code] || '这一步没有成功，请再试一次。'
  if (error.retryAfter === null || error.retryAfter <= 1) return text
  return `${text}（大约 ${waitingTime(error.retryAfter)}后可以再试）`
}

function waitingTime(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} 秒` : `${Math.ceil(seconds / 60)} 分钟`
}

export function lost(code: typeof NETWORK_LOST | typeof TIMED_OUT): ApiError {
  return new ApiError(0, code, OWN_TEXTS[code] ?? '')
}

/** From an answer with an error status. A body that is not ours (a proxy's page, say) still becomes a readable error. */
export function fromResponse(response: Response, body: unknown): ApiError {
  const retry = Number(response.headers.get('Retry-After'))
  const retryAfter = Number.isFinite(retry) && retry > 0 ? retry : null
  const error = (body as { error?: ErrorBody } | null | undefined)?.error
  if (error && typeof error.code === 'string') {
    return new ApiError(response.status, error.code, error.message, error.fields ?? {}, error.request_id ?? '', retryAfter)
  }
  return new ApiError(response.status, UNREADABLE, OWN_TEXTS[UNREADABLE] ?? '', {}, '', retryAfter)
}

/** Anything that was thrown, as an ApiError; programming errors go on to the console of the browser. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') return lost(TIMED_OUT)
  console.error(thrown)
  return new ApiError(0, UNREADABLE, '这一页出了点问题，请刷新后再试。')
}
