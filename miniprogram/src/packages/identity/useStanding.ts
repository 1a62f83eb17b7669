/** Where a person stands with the face check: the last answer of the hall, or why there is none, in words. Same for every way of checking. */
import { computed, onUnmounted, ref, shallowRef } from 'vue'
import { ApiError, Offline, explain, isGone, type Explained } from '@/api/errors'
import { serverClock } from '@/stores/clock'
import type { Verification } from '@/stores/proof'
import { session } from '@/stores/session'
import { standingOf } from './verification'

/** Refusals after which only the counter is left. */
const COUNTER_ONLY = ['identity.counter_only', 'identity.guardian_needed']
/** Refusals that another page mends first. */
const CONSENT_FIRST = ['identity.consent_needed', 'identity.consent_text_changed']

export interface OtherPages {
  passed: () => void
  consentFirst: () => void
  identityFirst: () => void
}

export function useStanding(pages: OtherPages) {
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

  function begins(): void {
    problem.value = null
    closed.value = ''
  }

  /** Whether the error was understood. */
  function refused(error: unknown): boolean {
    if (isGone(error)) session.expire()
    else if (error instanceof ApiError && CONSENT_FIRST.includes(error.code)) pages.consentFirst()
    else if (error instanceof ApiError && error.code === 'identity.not_declared') pages.identityFirst()
    else if (error instanceof ApiError && COUNTER_ONLY.includes(error.code)) closed.value = error.message
    else if (error instanceof ApiError && error.code === 'identity.face_locked') {
      now.value = serverClock.now()
      lockedUntil.value = now.value + error.retryAfter * 1000
    } else if (error instanceof ApiError && error.code === 'identity.verification_running') {
      problem.value = { title: '另一个窗口正在核验', text: '请在那个窗口做完，或者关掉它，等一会儿再来。', canRetry: false }
    } else if (error instanceof ApiError || error instanceof Offline) problem.value = { ...explain(error), canRetry: false }
    else return false
    return true
  }

  function concludes(verification: Verification | null): void {
    last.value = verification
    if (verification && standingOf(verification) === 'accepted') pages.passed()
  }

  return { last, problem, closed, lockedUntil, isLocked, isOnlyCounter, begins, refused, concludes }
}
