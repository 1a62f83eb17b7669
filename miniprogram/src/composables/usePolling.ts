/** Reads again every few seconds while the page is seen and something is still expected; never in the background. */
import { onHide, onShow, onUnload } from '@dcloudio/uni-app'

const EVERY = 5000

/** `isExpected` is asked before each turn, `pause` (milliseconds) after it; the first read belongs to the page itself. */
export function usePolling(read: () => Promise<void>, isExpected: () => boolean, pause: () => number = () => EVERY): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isSeen = false

  function wait(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void turn(), pause())
  }

  async function turn(): Promise<void> {
    if (isSeen && isExpected()) await read()
    if (isSeen) wait()
  }

  function stop(): void {
    isSeen = false
    clearTimeout(timer)
  }

  onShow(() => {
    isSeen = true
    wait()
  })
  onHide(stop)
  onUnload(stop)
}
