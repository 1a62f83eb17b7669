import { onScopeDispose } from 'vue'

/** After so long without a touch or a key nobody is there: asking stops, so that an empty desk does not stay signed in for ever. */
const NOBODY_AFTER_MS = 15 * 60_000

let lastTouch = Date.now()
if (typeof window !== 'undefined') {
  for (const name of ['pointerdown', 'keydown', 'wheel', 'touchstart']) {
    window.addEventListener(name, () => (lastTouch = Date.now()), { passive: true, capture: true })
  }
}

function isWatched(): boolean {
  return document.visibilityState === 'visible' && Date.now() - lastTouch < NOBODY_AFTER_MS
}

/** Calls `work` every `seconds` while somebody looks at the tab, and at once when it becomes visible again. */
export function usePolling(work: () => void, seconds: number): void {
  const ask = () => {
    if (isWatched()) work()
  }
  const timer = setInterval(ask, seconds * 1000)
  document.addEventListener('visibilitychange', ask)
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', ask)
  })
}
