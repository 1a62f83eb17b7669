import { reactive } from 'vue'

import { type Subject, emptySubject } from '@/components/enterprise/subjects'

/**
 * Names and ID numbers being entered, and links that were just made: in this window's memory and nowhere else. They outlive an expired
 * session and a look at another page; a reload, a sign-out or another person at the desk ends them.
 */
const state = reactive<{ owner: string; rows: Subject[] }>({ owner: '', rows: [] })
const links = new Map<string, string>()

export function peopleOf(owner: string): { rows: Subject[] } {
  if (state.owner !== owner) Object.assign(state, { owner, rows: [] })
  if (state.rows.length === 0) state.rows = [emptySubject(), emptySubject()]
  return state
}

export function forgetPeople(): void {
  Object.assign(state, { owner: '', rows: [] })
  links.clear()
}

/** The links of a batch, for the page that comes next. */
export function keepLinks(made: readonly { request: { id: string }; invitation_url: string | null }[]): void {
  links.clear()
  for (const one of made) if (one.invitation_url) links.set(one.request.id, one.invitation_url)
}

/** Given once: whoever comes back later does not see them again. */
export function takeLinks(): Map<string, string> {
  const given = new Map(links)
  links.clear()
  return given
}
