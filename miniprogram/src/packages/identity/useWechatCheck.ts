/** The face check inside WeChat, which asks for its own: the hall opens a session there, WeChat shows it, the hall fetches the verdict. */
import { ref } from 'vue'
import { api } from '@/api/client'
import type { Matter } from './matter'
import { begin, judged } from './verification'
import { useStanding, type OtherPages } from './useStanding'

export type ShowVerification = (verifyId: string) => Promise<void>

export function useWechatCheck(pages: OtherPages, show: ShowVerification) {
  const standing = useStanding(pages)
  const stage = ref<'idle' | 'starting' | 'live' | 'judging'>('idle')

  async function run(matter: Matter, consentVersion: string, noticeVersion: string): Promise<void> {
    if (stage.value !== 'idle') return
    stage.value = 'starting'
    standing.begins()
    try {
      let check = await begin(matter, consentVersion)
      if (check.allowed_actions.includes('begin_provider')) {
        const path = { verification_id: check.id }
        const opened = await api.post('/api/citizen/verifications/{verification_id}/provider', { notice_version: noticeVersion }, { path })
        stage.value = 'live'
        await show(opened.client.verify_id ?? '')
        stage.value = 'judging'
        const outcome = await api.post('/api/citizen/verifications/{verification_id}/provider/result', undefined, { path })
        check = await judged(outcome.verification)
        if (!outcome.is_finished) standing.problem.value = { title: '还没有做完', text: outcome.coaching.join('') || '请再试一次。', canRetry: false }
      }
      standing.concludes(check)
    } catch (error) {
      if (!standing.refused(error)) standing.problem.value = { title: '没有做完', text: '没关系，再来一次就好。也可以预约窗口办理。', canRetry: false }
    } finally {
      stage.value = 'idle'
    }
  }

  return { ...standing, stage, run }
}
