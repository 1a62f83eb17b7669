/** A question of an enterprise in the words of the person who is asked. */
import type { Schemas } from '@/api/types'

export type Asked = Schemas['AskedView']
type Tone = 'ok' | 'warn' | 'info' | 'plain'

const ROLES: Record<string, string> = { shareholder: '股东', legal_person: '法定代表人' }
const STATES: Record<string, { text: string; tone: Tone }> = {
  invited: { text: '等您答复', tone: 'warn' },
  consented: { text: '等您核验', tone: 'warn' },
  verified: { text: '核验通过', tone: 'ok' },
  failed: { text: '刷脸没有通过', tone: 'info' },
  declined: { text: '您没有同意', tone: 'plain' },
  cancelled: { text: '企业取消了', tone: 'plain' },
  expired: { text: '过期了', tone: 'plain' },
}

export const stateOf = (asked: Asked): { text: string; tone: Tone } => STATES[asked.state] ?? { text: '', tone: 'plain' }

/** The person can still do something. */
export const isWaiting = (asked: Asked): boolean => asked.allowed_actions.length > 0 || asked.ways.length > 0

/** Who asks, for what, as what. */
export function factsOf(asked: Asked): { label: string; text: string }[] {
  return [
    { label: '谁在请求', text: asked.organisation },
    { label: '信用代码', text: asked.uscc },
    ...(asked.company_name ? [{ label: '为哪家企业', text: asked.company_name }] : []),
    { label: '您的身份', text: ROLES[asked.role] ?? '' },
    { label: '为什么', text: asked.purpose },
  ]
}

/** What is over, and what that means; null while it is not. */
export function endOf(asked: Asked): { title: string; text: string; icon: string; tone: 'ok' | 'info' } | null {
  const { organisation } = asked
  if (asked.state === 'verified') return { title: '核验通过', text: `已经告诉${organisation}：核验的是您本人。您不用再做什么。`, icon: 'check-circle', tone: 'ok' }
  if (asked.state === 'declined') return { title: '您没有同意', text: `${organisation}只知道您没有同意，别的什么也不知道。不影响您办别的事。`, icon: 'info', tone: 'info' }
  if (asked.state === 'cancelled') return { title: '企业取消了', text: `${organisation}不再需要这次核验，您不用再做什么。`, icon: 'info', tone: 'info' }
  if (asked.state === 'expired') return { title: '这次请求过期了', text: `还要核验的话，请让${organisation}重新发一个。`, icon: 'clock', tone: 'info' }
  return null
}
