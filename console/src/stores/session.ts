import { reactive, readonly } from 'vue'

import type { StaffProfile } from '@/api/types'
import { forgetDraftsOfOthers } from '@/stores/drafts'
import { forgetPeople } from '@/stores/people'

/** Who is signed in. Kept for this tab only: closing it signs out on a shared desk. */
interface Session {
  token: string
  profile: StaffProfile | null
  /** Signed out by the server, not by the reader: the sign-in page says so and leads back. */
  hasExpired: boolean
}

const SLOT = 'zt.session'

function restored(): Session {
  try {
    const kept = JSON.parse(sessionStorage.getItem(SLOT) ?? 'null') as { token: string; profile: StaffProfile } | null
    if (kept?.token && kept.profile) return { token: kept.token, profile: kept.profile, hasExpired: false }
  } catch {
    sessionStorage.removeItem(SLOT)
  }
  return { token: '', profile: null, hasExpired: false }
}

const state = reactive<Session>(restored())
export const session = readonly(state) as Readonly<Session>

const listeners = new Set<() => void>()

/** Called when the server no longer knows the session. */
export function onExpired(listener: () => void): void {
  listeners.add(listener)
}

/** Signs in; true when nobody else was signed in on this tab before, so that the page of before may be shown again. */
export function begin(token: string, profile: StaffProfile): boolean {
  Object.assign(state, { token, profile, hasExpired: false })
  sessionStorage.setItem(SLOT, JSON.stringify({ token, profile }))
  return forgetDraftsOfOthers(profile.staff_id)
}

export function expire(): void {
  Object.assign(state, { token: '', profile: null, hasExpired: true })
  sessionStorage.removeItem(SLOT)
  for (const listener of listeners) listener()
}

export function end(): void {
  Object.assign(state, { token: '', profile: null, hasExpired: false })
  sessionStorage.clear()
  forgetPeople()
}

/** Whether the reader has this permission, or any below it when it ends with a dot (`case.`). */
export function may(permission: string): boolean {
  const isGroup = permission.endsWith('.')
  return state.profile?.permissions.some((own) => (isGroup ? own.startsWith(permission) : own === permission)) ?? false
}
