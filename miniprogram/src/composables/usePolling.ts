/** Reads again every few seconds while the page is seen and something is still expected; never in the background. */
import { onHide, onShow, onUnload } from '@dcloudio/uni-app'

const EVERY = 5000
const STEP = 1000

/** `isExpected` is asked before each turn; `pause` (milliseconds) may change while one waits; the first read belongs to the page itself. */
export function usePolling(read: () => Promise<void>, isExpected: () => boolean, pause: () => number = () => EVERY): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isSeen = false

  function wait(waited = 0): void {
    clearTimeout(timer)
    timer = setTimeout(() => void turn(waited + STEP), STEP)
  }

  async function turn(waited: number): Promise<void> {
    if (waited < pause()) return wait(waited)
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
