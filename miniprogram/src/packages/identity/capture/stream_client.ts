/** One capture over the line: says who it is, sends frames while the hall asks, and ends in exactly one way. Knows no page and no camera. */
import { FrameChain, fromBase64url, type Subtle } from './frame_chain'

export type Action = 'neutral' | 'blink' | 'mouth' | 'nod' | 'turn_left' | 'turn_right'

export interface Prompt {
  /** 0 before the first movement. */
  step: number
  action: Action
  text: string
}

/** Why a capture ended without a verdict of the hall. */
export type Break =
  /** The line never opened: this network lets no such line through. */
  | 'unreachable'
  /** The line opened and was lost. */
  | 'lost'
  /** The hall said nothing for too long. */
  | 'silent'
  /** The line is too slow for moving pictures. */
  | 'slow'
  /** The camera shows nothing any more. */
  | 'camera'
  /** The page stopped it: hidden, or left. */
  | 'stopped'

export type Ending<V> =
  | { kind: 'verdict'; verification: V }
  | { kind: 'refused'; code: string; message: string; retryAfter: number }
  | { kind: 'broken'; why: Break }

export interface Line {
  binaryType: string
  readonly readyState: number
  readonly bufferedAmount: number
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onerror: (() => void) | null
  onclose: (() => void) | null
  send(data: string | Uint8Array): void
  close(): void
}

export interface CaptureOrder {
  /** Opens the line. */
  connect: () => Line
  hello: { token: string; verification_id: string; nonce: string; mirrored: boolean }
  /** base64url of 32 bytes. */
  key: string
  fps: number
  subtle: Subtle
  /** One JPEG of what the camera sees now; null while it has no new picture. */
  shoot: () => Promise<Uint8Array | null>
  onPrompt: (prompt: Prompt) => void
  onDone: (step: number) => void
  /** What would help right now; empty when all is well again. */
  onHint: (code: string | null, text: string) => void
  onJudging: (text: string) => void
}

const OPEN_MS = 8000
/** The hall fetches the portrait before its first word. */
const FIRST_WORD_MS = 20000
const VERDICT_MS = 45000
/** The hall ends every capture by itself long before. */
const LONGEST_MS = 40000
/** About half a second of frames: more waiting on the phone means that the line does not follow. */
export const MOST_WAITING_BYTES = 256 * 1024
const STUCK_MS = 2500
const DARK_MS = 2500
const OPEN = 1

export interface Capture<V> {
  ended: Promise<Ending<V>>
  stop: () => void
}

export function capture<V>(order: CaptureOrder): Capture<V> {
  const run = new Run<V>(order)
  return { ended: run.ended, stop: () => run.end({ kind: 'broken', why: 'stopped' }) }
}

class Run<V> {
  readonly ended: Promise<Ending<V>>
  private settle: (ending: Ending<V>) => void = () => undefined
  private isOver = false
  private isOpen = false
  private isSending = false
  private isJudging = false
  private step = 0
  private line: Line
  private watch: ReturnType<typeof setTimeout> | undefined

  constructor(private order: CaptureOrder) {
    this.ended = new Promise((resolve) => {
      this.settle = resolve
    })
    this.expect(OPEN_MS, 'unreachable')
    this.line = order.connect()
    this.line.binaryType = 'arraybuffer'
    this.line.onopen = () => {
      this.isOpen = true
      this.expect(FIRST_WORD_MS, 'silent')
      this.line.send(JSON.stringify(order.hello))
    }
    this.line.onmessage = (event) => this.hear(event.data)
    this.line.onclose = this.line.onerror = () => this.end({ kind: 'broken', why: this.isOpen ? 'lost' : 'unreachable' })
  }

  end(ending: Ending<V>): void {
    if (this.isOver) return
    this.isOver = true
    clearTimeout(this.watch)
    this.line.onmessage = this.line.onclose = this.line.onerror = this.line.onopen = null
    this.line.close()
    this.settle(ending)
  }

  private expect(ms: number, why: Break): void {
    clearTimeout(this.watch)
    this.watch = setTimeout(() => this.end({ kind: 'broken', why }), ms)
  }

  private hear(data: unknown): void {
    const message = read(data)
    if (!message || this.isOver) return
    if (message.type === 'prompt') {
      this.step = message.step
      this.order.onPrompt({ step: message.step, action: message.action, text: message.text })
      if (!this.isSending) {
        this.isSending = true
        this.expect(LONGEST_MS, 'silent')
        void this.send().catch(() => this.end({ kind: 'broken', why: 'camera' }))
      }
    } else if (message.type === 'done') this.order.onDone(message.step)
    else if (message.type === 'hint') this.order.onHint(message.code ?? null, message.text)
    else if (message.type === 'judging') {
      this.isJudging = true
      this.expect(VERDICT_MS, 'silent')
      this.order.onJudging(message.text)
    } else if (message.type === 'verdict') this.end({ kind: 'verdict', verification: message.verification as V })
    else if (message.type === 'error') {
      const { code, message: text, retry_after: retryAfter } = message.error
      this.end({ kind: 'refused', code, message: text, retryAfter: retryAfter || 0 })
    }
  }

  /** Frame after frame, each at its time: one that would come late is left out rather than hurried after. */
  private async send(): Promise<void> {
    const { order, line } = this
    const chain = await FrameChain.begin(order.subtle, fromBase64url(order.key), order.hello.nonce)
    const every = 1000 / order.fps
    let began: number | null = null
    let due = performance.now()
    let moved = due
    let bright = due
    while (!this.isOver && !this.isJudging) {
      const now = performance.now()
      if (now < due) {
        await new Promise((resolve) => setTimeout(resolve, due - now))
        continue
      }
      due = Math.max(due + every, now + every / 2)
      if (line.readyState !== OPEN) return
      if (line.bufferedAmount > MOST_WAITING_BYTES) {
        if (now - moved > STUCK_MS) return this.end({ kind: 'broken', why: 'slow' })
        continue
      }
      moved = now
      const step = this.step
      const jpeg = await order.shoot()
      if (!jpeg) {
        if (now - bright > DARK_MS) return this.end({ kind: 'broken', why: 'camera' })
        continue
      }
      bright = now
      began ??= now
      const message = await chain.seal(Math.round(now - began), step, jpeg)
      if (this.isOver || this.isJudging || line.readyState !== OPEN) return
      line.send(message)
    }
  }
}

type Message =
  | ({ type: 'prompt' } & Prompt)
  | { type: 'done'; step: number }
  | { type: 'hint'; code?: string | null; text: string }
  | { type: 'judging'; text: string }
  | { type: 'verdict'; verification: unknown }
  | { type: 'error'; error: { code: string; message: string; retry_after?: number } }

function read(data: unknown): Message | null {
  if (typeof data !== 'string') return null
  try {
    return JSON.parse(data) as Message
  } catch {
    return null
  }
}
