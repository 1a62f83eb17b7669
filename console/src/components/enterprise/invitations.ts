import { api, data } from '@/api/client'
import type { Invited, Moment, Verification } from '@/api/types'

/** A new link in place of the old one. */
export function inviteAgain(id: string): Promise<Invited> {
  return data(api.POST('/api/enterprise/verifications/{request_id}/invite-again', { params: { path: { request_id: id } } }))
}

const ENDS: Record<string, { title: string; isGood: boolean; note: string }> = {
  verified: { title: '核验通过', isGood: true, note: '带签名的结论可以取了。' },
  failed: { title: '人脸核验没有通过', isGood: false, note: '本人还可以带身份证到窗口核验，通过后这里会更新。' },
  declined: { title: '本人不同意核验', isGood: false, note: '' },
  cancelled: { title: '您单位取消了核验', isGood: false, note: '' },
  expired: { title: '过期了，本人没有在期限内完成', isGood: false, note: '还需要核验时，请重新发起一项。' },
}

/** How far it has come, as far as an enterprise may know. */
export function momentsOf(row: Verification): Moment[] {
  const moments: Moment[] = [{ title: '发起核验，生成邀请链接', at: row.created_at, state: 'done', note: '' }]
  const end = ENDS[row.state]
  if (end) return [...moments, { title: end.title, at: row.ended_at, state: end.isGood ? 'done' : 'attention', note: end.note }]
  const hasAgreed = row.state === 'consented'
  return [
    ...moments,
    { title: hasAgreed ? '本人已经同意' : '等待本人打开链接并同意', at: null, state: hasAgreed ? 'done' : 'current', note: '' },
    { title: '本人用手机或到窗口核验', at: null, state: hasAgreed ? 'current' : 'expected', note: '' },
    { title: '得出结论', at: null, state: 'expected', note: '' },
  ]
}
