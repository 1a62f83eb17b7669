import { reactive, readonly } from 'vue'

/** Whether the server was reachable when last asked. `navigator.onLine` only says that there is a network card, so requests report too. */
const state = reactive({ isOffline: typeof navigator !== 'undefined' && navigator.onLine === false })

export const connection = readonly(state)

export function noteReachable(): void {
  state.isOffline = false
}

export function noteUnreachable(): void {
  state.isOffline = true
}

/** Resolves after `milliseconds`, or at once when the browser says that the network is back. */
export function pauseUntilOnline(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      window.removeEventListener('online', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    window.addEventListener('online', done)
  })
}

if (typeof window !== 'undefined') {
  window.addEventListener('offline', noteUnreachable)
  window.addEventListener('online', noteReachable)
}
