import { onScopeDispose, reactive, watch } from 'vue'

/**
 * Typed text that survives a reload, an expired session and a closed dialog. It lives in this tab only and belongs to one member of
 * staff: whoever signs in next on the same tab does not see it.
 */

const PREFIX = 'zt.draft.'
const OWNER = 'zt.draft-owner'

function slot(name: string): string {
  return `${PREFIX}${name}`
}

export function readDraft<T extends object>(name: string, initial: T): T {
  try {
    const kept = JSON.parse(sessionStorage.getItem(slot(name)) ?? 'null') as Partial<T> | null
    return { ...structuredClone(initial), ...(kept && typeof kept === 'object' ? kept : {}) }
  } catch {
    return structuredClone(initial)
  }
}

export function dropDraft(name: string): void {
  sessionStorage.removeItem(slot(name))
}

/** A reactive object that saves itself under `name`; `drop` when its text has been sent. */
export function useDraft<T extends object>(name: string, initial: T): { draft: T; drop: () => void } {
  const draft = reactive(readDraft(name, initial)) as T
  let isDropped = false
  const stop = watch(
    draft,
    () => {
      if (!isDropped) sessionStorage.setItem(slot(name), JSON.stringify(draft))
    },
    { deep: true, flush: 'sync' },
  )
  onScopeDispose(stop)
  return {
    draft,
    drop: () => {
      isDropped = true
      dropDraft(name)
      Object.assign(draft, structuredClone(initial))
      isDropped = false
    },
  }
}

/** At sign-in: another person's drafts are forgotten, one's own stay. False when somebody else was here before. */
export function forgetDraftsOfOthers(staffId: string): boolean {
  const owner = sessionStorage.getItem(OWNER)
  const isSame = owner === null || owner === staffId
  if (!isSame) {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(PREFIX) || key.startsWith('zt.write.')) sessionStorage.removeItem(key)
    }
  }
  sessionStorage.setItem(OWNER, staffId)
  return isSame
}
