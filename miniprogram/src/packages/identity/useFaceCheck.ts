/** The face check of one case as a page needs it: one press starts it, and every way it can end is a state with words. */
import { computed, onUnmounted, ref, shallowRef } from 'vue'
import { ApiError, Offline, explain, isGone, type Explained } from '@/api/errors'
import type { Schemas } from '@/api/types'
import type { LocalFile } from '@/platform'
import { serverClock } from '@/stores/clock'
import type { Verification } from '@/stores/proof'
import { begin, standingOf, submit } from './verification'

/** Refusals after which only the counter is left. */
const COUNTER_ONLY = ['identity.counter_only', 'identity.guardian_needed']
/** Refusals that another page mends first. */
const CONSENT_FIRST = ['identity.consent_needed', 'identity.consent_text_changed']

export interface Ways {
  capture: (limits: Verification['limits']) => Promise<LocalFile[]>
  passed: () => void
  consentFirst: () => void
  identityFirst: () => void
}

export function useFaceCheck(ways: Ways) {
  const stage = ref<'idle' | 'starting' | 'taking' | 'judging'>('idle')
  const last = shallowRef<Verification | null>(null)
  const problem = ref<Explained | null>(null)
  const closed = ref('')
  const lockedUntil = ref(0)
  const now = ref(serverClock.now())
  const timer = setInterval(() => {
    now.value = serverClock.now()
  }, 5000)
  onUnmounted(() => clearInterval(timer))

  const isLocked = computed(() => lockedUntil.value > now.value)
  const isOnlyCounter = computed(() => closed.value !== '' || (last.value !== null && standingOf(last.value) === 'counter'))

  function refused(error: unknown): void {
    if (isGone(error)) return
    const code = error instanceof ApiError ? error.code : ''
    if (CONSENT_FIRST.includes(code)) return ways.consentFirst()
    if (code === 'identity.not_declared') return ways.identityFirst()
    if (COUNTER_ONLY.includes(code)) closed.value = (error as ApiError).message
    else if (code === 'identity.face_locked') {
      now.value = serverClock.now()
      lockedUntil.value = now.value + (error as ApiError).retryAfter * 1000
    } else if (error instanceof ApiError || error instanceof Offline) problem.value = explain(error)
    else problem.value = { title: '拍摄被打断了', text: '没关系，再来一次就好。', canRetry: false }
  }

  async function run(found: Schemas['CaseView'], consentVersion: string): Promise<void> {
    if (stage.value !== 'idle') return
    stage.value = 'starting'
    problem.value = null
    closed.value = ''
    try {
      let check = await begin(found, consentVersion)
      if (check.nonce) {
        stage.value = 'taking'
        const frames = await ways.capture(check.limits)
        stage.value = 'judging'
        check = await submit(check, frames)
      }
      last.value = check
      if (standingOf(check) === 'accepted') ways.passed()
    } catch (error) {
      refused(error)
    } finally {
      stage.value = 'idle'
    }
  }

  return { stage, last, problem, closed, lockedUntil, isLocked, isOnlyCounter, run }
}
