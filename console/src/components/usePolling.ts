import { onScopeDispose } from 'vue'

/** Calls `work` every `seconds` while the tab is visible, and at once when it becomes visible again. */
export function usePolling(work: () => void, seconds: number): void {
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') work()
  }, seconds * 1000)
  const shown = () => {
    if (document.visibilityState === 'visible') work()
  }
  document.addEventListener('visibilitychange', shown)
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', shown)
  })
}
