/** Who is logged in on this phone: a citizen or a courier. */
import { computed, ref } from 'vue'
import { kept } from './kept'

export type Audience = 'citizen' | 'courier'
interface Held {
  token: string
  audience: Audience
  name: string
  /** The account of a citizen, empty for a courier. */
  owner: string
}

const held = ref<Held | null>(kept.get<Held>('session'))
let onExpired: () => void = () => {}
let onReplaced: () => void = () => {}

const OWNER = 'draft-owner'
const forgotten = ref(0)
/** Whose drafts this tab has in memory; another tab may have changed what is stored. */
let whose = kept.get<string>(OWNER) ?? ''
/** A full or forbidden storage keeps no login: then nothing can be learnt from it. */
let isStored = held.value !== null

function forgetDrafts(): void {
  for (const name of kept.names()) if (name.startsWith('draft.')) kept.drop(name)
}

export const session = {
  isIn: computed(() => held.value !== null),
  audience: computed(() => held.value?.audience ?? null),
  name: computed(() => held.value?.name ?? ''),
  /** The account whose drafts are on this phone; what one citizen wrote is kept under it. */
  owner: (): string => kept.get<string>(OWNER) ?? '',
  token: (): string => held.value?.token ?? '',
  /** Who acts in this tab, to compare with later; empty while nobody does. */
  who: (): string => (held.value ? `${held.value.audience} ${held.value.owner || held.value.name}` : ''),
  /** Whether somebody else acts here by now: what `who` began is not to be finished in the other's name, nor shown to the other. */
  isNoLonger: (who: string): boolean => who !== '' && session.isIn.value && session.who() !== who,
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
    whose = session.owner()
    held.value = { token, audience, name, owner }
    kept.set('session', held.value)
    // In a full storage the login of the one before would come back.
    isStored = kept.get<Held>('session')?.token === token
    if (!isStored) kept.drop('session')
  },
  rename(name: string): void {
    if (held.value) session.begin(held.value.token, held.value.audience, name, held.value.owner)
  },
  /** Logged out by the person: drafts that the server holds are forgotten on this phone. */
  end(): void {
    held.value = null
    forgetDrafts()
    kept.drop(OWNER)
    whose = ''
    // Last, because other tabs look when it goes.
    kept.drop('session')
  },
  /** Logged out by the server: drafts stay, for after the new login. */
  expire(): void {
    if (!held.value || session.lookAgain()) return
    held.value = null
    kept.drop('session')
    onExpired()
  },
  /** Another tab may have logged in or out meanwhile; true when this one follows it. Pages of somebody else begin anew, the same person goes on. */
  lookAgain(): boolean {
    const stored = kept.get<Held>('session')
    if ((stored?.token ?? '') === session.token() || (!stored && !isStored)) return false
    const [before, isSameOwner] = [session.who(), session.owner() === whose]
    held.value = stored
    isStored = stored !== null
    if (!isSameOwner) {
      whose = session.owner()
      forgotten.value += 1
    }
    if (stored && session.who() === before) return true
    if (!stored && isSameOwner && whose) onExpired()
    else onReplaced()
    return true
  },
  whenReplaced(react: () => void): void {
    onReplaced = react
  },
  whenExpired(react: () => void): void {
    onExpired = react
  },
}
