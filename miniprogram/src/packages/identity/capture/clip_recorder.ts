/** A clip of the camera with prompts at their times, for phones that cannot send pictures as they are taken. */
import type { Action, Prompt } from './stream_client'

export interface ClipOrder {
  seconds: number
  prompts: readonly { action: string; text: string; at: number }[]
  type: string
  onPrompt: (prompt: Prompt) => void
}

/** Half a megabyte a second of video would be wasted: the hall looks at 480×640. */
const BITS_A_SECOND = 2_000_000

export interface Recording {
  /** null when it was stopped before its time. */
  done: Promise<Blob | null>
  stop: () => void
}

export function record(stream: MediaStream, order: ClipOrder): Recording {
  const recorder = new MediaRecorder(stream, { mimeType: order.type, videoBitsPerSecond: BITS_A_SECOND })
  const parts: Blob[] = []
  const timers: ReturnType<typeof setTimeout>[] = []
  let isWhole = false
  const done = new Promise<Blob | null>((resolve, reject) => {
    recorder.ondataavailable = (event) => event.data.size && parts.push(event.data)
    recorder.onerror = () => reject(new Error('the recorder broke'))
    recorder.onstop = () => {
      timers.forEach(clearTimeout)
      resolve(isWhole && parts.length ? new Blob(parts, { type: order.type }) : null)
    }
    recorder.onstart = () => {
      order.onPrompt({ step: 0, action: 'neutral', text: '请正对镜头，先不要动' })
      order.prompts.forEach((one, place) =>
        timers.push(setTimeout(() => order.onPrompt({ step: place + 1, action: one.action as Action, text: one.text }), one.at * 1000)),
      )
      timers.push(
        setTimeout(() => {
          isWhole = true
          recorder.stop()
        }, order.seconds * 1000),
      )
    }
  })
  recorder.start(1000)
  return { done, stop: () => recorder.state !== 'inactive' && recorder.stop() }
}
