import { type Ref, ref } from 'vue'

/** Which materials this member of staff has looked at to the end, per case; identifiers only, kept on this computer for this tab. */
export function useSeen(caseId: string): { seen: Ref<ReadonlySet<string>>; mark: (id: string, isSeen: boolean) => void } {
  const slot = `zt.draft.seen.${caseId}`
  const seen = ref<ReadonlySet<string>>(new Set(JSON.parse(sessionStorage.getItem(slot) ?? '[]') as string[]))

  function mark(id: string, isSeen: boolean): void {
    const next = new Set(seen.value)
    if (isSeen) next.add(id)
    else next.delete(id)
    seen.value = next
    sessionStorage.setItem(slot, JSON.stringify([...next]))
  }
  return { seen, mark }
}
