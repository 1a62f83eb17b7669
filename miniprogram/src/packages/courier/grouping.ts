/** A courier's list as he works through it. */
export interface Listed {
  state_label: string
  allowed_actions: string[]
}
export interface Group<T> {
  label: string
  rows: T[]
}

/** One group a state, in the order the states first appear; what the courier still has to do something about is apart from what is over. */
export function grouped<T extends Listed>(rows: T[]): { open: Group<T>[]; over: Group<T>[]; toDo: number } {
  const gather = (some: T[]): Group<T>[] => {
    const groups = new Map<string, T[]>()
    for (const row of some) groups.set(row.state_label, [...(groups.get(row.state_label) ?? []), row])
    return [...groups].map(([label, members]) => ({ label, rows: members }))
  }
  const toDo = rows.filter((row) => row.allowed_actions.length > 0)
  return { open: gather(toDo), over: gather(rows.filter((row) => row.allowed_actions.length === 0)), toDo: toDo.length }
}
