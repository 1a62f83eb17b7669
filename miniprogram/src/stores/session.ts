/** Who is logged in on this phone: a citizen or a courier. */
import { computed, ref } from 'vue'
import { kept } from './kept'

export type Audience = 'citizen' | 'courier'
interface Held {
  token: string
  audience: Audience
  name: string
}

const held = ref<Held | null>(kept.get<Held>('session'))
let onExpired: () => void = () => {}

const OWNER = 'draft-owner'
const forgotten = ref(0)

function forgetDrafts(): void {
  for (const name of kept.names()) if (name.startsWith('draft.')) kept.drop(name)
}

export const session = {
  isIn: computed(() => held.value !== null),
  audience: computed(() => held.value?.audience ?? null),
  name: computed(() => held.value?.name ?? ''),
  token: (): string => held.value?.token ?? '',
  /** How often what somebody left behind was forgotten because somebody else came. */
  forgotten: computed(() => forgotten.value),
  /** `owner` is the account of a citizen: what another citizen typed on this phone is not for these eyes. */
  begin(token: string, audience: Audience, name: string, owner = ''): void {
    const before = kept.get<string>(OWNER)
    if (owner && before && before !== owner) {
      forgetDrafts()
      forgotten.value += 1
    }
    if (owner) kept.set(OWNER, owner)
    held.value = { token, audience, name }
    kept.set('session', held.value)
  },
  rename(name: string): void {
    if (held.value) session.begin(held.value.token, held.value.audience, name)
  },
  /** Logged out by the person: drafts that the server holds are forgotten on this phone. */
  end(): void {
    held.value = null
    kept.drop('session')
    kept.drop(OWNER)
    forgetDrafts()
  },
  /** Logged out by the server: drafts stay, for after the new login. */
  expire(): void {
    if (!held.value) return
    held.value = null
    kept.drop('session')
    onExpired()
  },
  whenExpired(react: () => void): void {
    onExpired = react
  },
}
