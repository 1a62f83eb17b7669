/**
 * Pages are drawn one at a time, the last one asked for first: what the reader looks at now comes before what was scrolled past.
 * While pages fly by nothing is drawn, so that scrolling stays smooth; as soon as the movement slows down, drawing begins.
 */

type Job = () => Promise<void>

const FAST_PIXELS_PER_MS = 2
const CALM_AFTER_MS = 90

const waiting: { key: object; job: Job }[] = []
let isDrawing = false
let lastTop = 0
let lastAt = 0
let speed = 0

export function noteScroll(top: number, at: number = performance.now()): void {
  const passed = at - lastAt
  speed = passed > CALM_AFTER_MS ? 0 : (speed + Math.abs(top - lastTop) / Math.max(1, passed)) / 2
  lastTop = top
  lastAt = at
}

export function isFlying(at: number = performance.now()): boolean {
  return speed > FAST_PIXELS_PER_MS && at - lastAt < CALM_AFTER_MS
}

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
  while (waiting.length > 0) {
    if (isFlying()) {
      await new Promise((resolve) => setTimeout(resolve, CALM_AFTER_MS / 2))
      continue
    }
    await waiting
      .pop()
      ?.job()
      .catch(() => undefined)
    await new Promise((resolve) => requestAnimationFrame(resolve))
  }
  isDrawing = false
}
