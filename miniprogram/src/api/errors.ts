/** What can go wrong between the phone and the hall, and what to tell the person. Mapped here once, nowhere else. */

/** The server answered with an error; `code` is stable (docs/errors.md), `message` is for people. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: Record<string, string> = {},
    readonly requestId = '',
    readonly retryAfter = 0,
  ) {
    super(message)
    this.name = 'ApiError'
  }
}

/** No answer came: no signal, or the server is away. Nothing is known about whether a write arrived. */
export class Offline extends Error {
  constructor() {
    super('网络不通')
    this.name = 'Offline'
  }
}

export interface Explained {
  title: string
  text: string
  /** Trying the same again may help. */
  canRetry: boolean
}

/** What one person asked for is not for the one who has come in their place. */
export const passedOn = (): ApiError => new ApiError(401, 'session.passed_on', '现在是别的账号在登录。')

/** Codes that the pages act upon, by what they mean for the person. */
export const isGone = (error: unknown): boolean => error instanceof ApiError && error.status === 401
export const isUnknown = (error: unknown): boolean => error instanceof ApiError && error.status === 404
/** Somebody (perhaps an earlier try of ours) has changed it: show the newest state. */
export const isStale = (error: unknown): boolean =>
  error instanceof ApiError && (error.code === 'flow.illegal_move' || error.code === 'request.conflict')
/** No courier has the parcel yet, or not any more. */
export const hasNoPickupCode = (error: unknown): boolean => error instanceof ApiError && error.code === 'express.pickup_not_ready'
/** The hall has not connected WeChat's own face check. */
export const hasNoFaceProvider = (error: unknown): boolean => error instanceof ApiError && error.code === 'identity.provider_missing'
/** Only somebody who has proven who they are may go on here. */
export const needsOwnProof = (error: unknown): boolean =>
  error instanceof ApiError && (error.code === 'guardian.not_proven' || error.code === 'identity.not_declared')
/** The real name comes first. */
export const isUndeclared = (error: unknown): boolean => error instanceof ApiError && error.code === 'identity.not_declared'
/** The person already queues for a video check, for another case. */
export const hasVideoPlace = (error: unknown): boolean => error instanceof ApiError && error.code === 'video.already_waiting'
/** The offer that was answered is not the newest any more, or somebody else has answered it. */
export const isCallOver = (error: unknown): boolean => error instanceof ApiError && error.code === 'video.round_over'
/** An invitation link that opens nothing, or nothing for this person. */
export const isDeadLink = (error: unknown): boolean => error instanceof ApiError && error.code === 'relying_party.invitation_invalid'
export const isBusy = (error: unknown): boolean => error instanceof ApiError && (error.status === 503 || error.status === 429)
export const fieldErrors = (error: unknown): Record<string, string> => (error instanceof ApiError ? error.fields : {})

export function explain(error: unknown): Explained {
  if (error instanceof Offline) {
    return { title: '网络不太好', text: '您填的内容都还在。请看看手机信号或无线网，再点“重试”。', canRetry: true }
  }
  if (error instanceof ApiError) {
    if (error.status === 401) return { title: '请重新登录', text: error.message, canRetry: false }
    if (error.status === 404) return { title: '没有找到', text: error.message, canRetry: false }
    if (error.status === 429) return { title: '请稍等一会儿', text: error.message, canRetry: true }
    if (error.code === 'video.closed') return { title: '还没到接听时间', text: error.message, canRetry: false }
    if (error.status >= 500) return { title: '系统正忙', text: '您的内容都还在，请过一会儿再点“重试”。', canRetry: true }
    return { title: '还差一点', text: error.message, canRetry: isStale(error) }
  }
  return { title: '出了点小问题', text: '请再试一次；还不行，可以拨打 12345 咨询。', canRetry: true }
}
