/** Names for what an enterprise asks, for its registration, its keys and its webhooks. */
export const PARTY_STATES: Record<string, string> = { applied: '等待审核', approved: '已开通', rejected: '未通过', suspended: '已暂停' }

export const REQUEST_STATES = [
  { key: 'invited', label: '等待本人确认' },
  { key: 'consented', label: '本人已同意，待核验' },
  { key: 'verified', label: '核验通过' },
  { key: 'failed', label: '人脸核验未通过' },
  { key: 'declined', label: '本人不同意' },
  { key: 'cancelled', label: '已取消' },
  { key: 'expired', label: '已过期' },
] as const
export type RequestState = (typeof REQUEST_STATES)[number]['key']

export const ROLES = [
  { key: 'shareholder', label: '股东' },
  { key: 'legal_person', label: '法定代表人' },
] as const
export type SubjectRole = (typeof ROLES)[number]['key']

export const SCOPES = [
  { key: 'verifications.read', label: '查看核验', hint: '进度、结果和用量' },
  { key: 'verifications.write', label: '发起核验', hint: '发起、取消、重新邀请' },
  { key: 'webhooks.manage', label: '管理通知', hint: '通知地址和投递记录' },
] as const
export type Scope = (typeof SCOPES)[number]['key']

const EVENTS: Record<string, string> = {
  'verification.invited': '已发出邀请',
  'verification.consented': '本人已同意',
  'verification.verified': '核验通过',
  'verification.failed': '核验未通过',
  'verification.declined': '本人不同意',
  'verification.cancelled': '核验已取消',
  'verification.expired': '核验已过期',
  'batch.completed': '一批核验全部结束',
  'webhook.test': '测试通知',
}
const DELIVERY_STATES: Record<string, { state: string; label: string }> = {
  pending: { state: 'pending', label: '正在投递' },
  delivered: { state: 'valid', label: '已送达' },
  failed: { state: 'failed', label: '没有送达' },
}
const DELIVERY_ERRORS: Record<string, string> = {
  address_refused: '地址不允许访问',
  timeout: '对方超时没有回复',
  unreachable: '连不上对方',
  internal: '平台自身故障，可稍后重发',
  endpoint_disabled: '地址已停用，没有发送',
}

export const partyText = (state: string): string => PARTY_STATES[state] ?? state
export const requestText = (state: string): string => REQUEST_STATES.find((entry) => entry.key === state)?.label ?? state
export const subjectRoleText = (role: string): string => ROLES.find((entry) => entry.key === role)?.label ?? role
export const scopeText = (scope: string): string => SCOPES.find((entry) => entry.key === scope)?.label ?? scope
export const eventText = (event: string): string => EVENTS[event] ?? event
export const deliveryTag = (state: string): { state: string; label: string } => DELIVERY_STATES[state] ?? { state: '', label: state }

/** What the receiver said: its status, or why there was none. */
export function answerText(status: number | null, error: string | null): string {
  if (status !== null) return `对方回复 ${status}`
  return error ? (DELIVERY_ERRORS[error] ?? error) : '还没有回复'
}
