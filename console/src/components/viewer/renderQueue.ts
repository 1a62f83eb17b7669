/** Pages are drawn one at a time, the last one asked for first: what the reader looks at now comes before what was scrolled past. */
type Job = () => Promise<void>

const waiting: { key: object; job: Job }[] = []
let isDrawing = false

export function enqueue(key: object, job: Job): void {
  withdraw(key)
  waiting.push({ key, job })
  void next()
}

export function withdraw(key: object): void {
  const index = waiting.findIndex((entry) => entry.key === key)
  if (index >= 0) waiting.splice(index, 1)
}

async function next(): Promise<void> {
  if (isDrawing) return
  isDrawing = true
  for (let entry = waiting.pop(); entry; entry = waiting.pop()) {
    await entry.job().catch(() => undefined)
    await new Promise((resolve) => requestAnimationFrame(resolve))
  }
  isDrawing = false
}
