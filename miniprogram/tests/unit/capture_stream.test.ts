/** R51. The client of the streamed face check: frames sealed as the hall opens them, one prompt at a time, one ending whatever happens. */
import { webcrypto } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FrameChain, HEAD_BYTES, fromBase64url, type Subtle } from '@/packages/identity/capture/frame_chain'
import { MOST_WAITING_BYTES, capture, type CaptureOrder, type Ending, type Line } from '@/packages/identity/capture/stream_client'
import recorded from './vectors/frame_chain.json'

const subtle = webcrypto.subtle as unknown as Subtle
const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))

describe('the chain of frames', () => {
  it('seals what the hall recorded, byte for byte', async () => {
    const chain = await FrameChain.begin(subtle, fromBase64url(recorded.key), recorded.nonce)
    for (const frame of recorded.frames) {
      const message = await chain.seal(frame.ms, frame.step, bytes(frame.jpeg))
      expect(Buffer.from(message).toString('base64')).toBe(frame.message)
    }
  })

  it('seals differently under another nonce or after another frame', async () => {
    const [first, second] = recorded.frames as [(typeof recorded.frames)[0], (typeof recorded.frames)[0]]
    const other = await FrameChain.begin(subtle, fromBase64url(recorded.key), recorded.nonce + 'x')
    expect(Buffer.from(await other.seal(first.ms, first.step, bytes(first.jpeg))).toString('base64')).not.toBe(first.message)
    const skipped = await FrameChain.begin(subtle, fromBase64url(recorded.key), recorded.nonce)
    expect(Buffer.from(await skipped.seal(second.ms, second.step, bytes(second.jpeg))).toString('base64')).not.toBe(second.message)
  })
})

class FakeLine implements Line {
  binaryType = ''
  readyState = 0
  bufferedAmount = 0
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onerror: (() => void) | null = null
  onclose: (() => void) | null = null
  texts: string[] = []
  frames: Uint8Array[] = []
  isClosed = false
  send(data: string | Uint8Array): void {
    if (typeof data === 'string') this.texts.push(data)
    else this.frames.push(data)
  }
  close(): void {
    this.isClosed = true
    this.readyState = 3
  }
  opens(): void {
    this.readyState = 1
    this.onopen?.()
  }
  says(message: unknown): void {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) })
  }
  breaks(): void {
    this.readyState = 3
    this.onclose?.()
  }
}

const asks = (step: number, action: string) => ({ type: 'prompt', step, action, text: `请${action}` })
const stepOf = (frame: Uint8Array) => frame[12]
const msOf = (frame: Uint8Array) => new DataView(frame.buffer).getUint32(4)

let line: FakeLine
let told: string[]
let picture: () => Promise<Uint8Array | null>
let ending: Ending<{ id: string }> | null

function started(part: Partial<CaptureOrder> = {}) {
  line = new FakeLine()
  told = []
  ending = null
  const running = capture<{ id: string }>({
    connect: () => line,
    hello: { token: 't', verification_id: 'v', nonce: recorded.nonce, mirrored: false },
    key: recorded.key,
    fps: 15,
    subtle: quick,
    shoot: () => picture(),
    onPrompt: (prompt) => told.push(`${prompt.step} ${prompt.action}`),
    onDone: (step) => told.push(`done ${step}`),
    onHint: (code, text) => told.push(`hint ${code} ${text}`),
    onJudging: () => told.push('judging'),
    ...part,
  })
  void running.ended.then((how) => (ending = how))
  return running
}
/** Answers within the fake clock's microtasks; what it computes is tested above. */
const quick = {
  importKey: async () => ({}),
  digest: async () => new ArrayBuffer(32),
  sign: async () => new ArrayBuffer(32),
} as unknown as Subtle
const passes = (ms: number) => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  picture = async () => Uint8Array.from([0xff, 0xd8, 0xff])
})
afterEach(() => void vi.useRealTimers())

describe('a capture', () => {
  it('says who it is first, and sends nothing before the hall asks', async () => {
    started()
    line.opens()
    await passes(500)
    expect(line.texts.map((text) => JSON.parse(text))).toEqual([{ token: 't', verification_id: 'v', nonce: recorded.nonce, mirrored: false }])
    expect(line.frames).toEqual([])
  })

  it('sends fifteen frames a second, each with the prompt that was on the screen', async () => {
    started()
    line.opens()
    line.says(asks(0, 'neutral'))
    await passes(2000)
    expect(line.frames.length).toBeGreaterThanOrEqual(29)
    expect(line.frames.length).toBeLessThanOrEqual(31)
    expect(line.frames[0]!.length).toBe(HEAD_BYTES + 3)
    expect(new Set(line.frames.map(stepOf))).toEqual(new Set([0]))
    line.says(asks(1, 'nod'))
    await passes(200)
    expect(stepOf(line.frames.at(-1)!)).toBe(1)
    const times = line.frames.map(msOf)
    expect(times.every((ms, place) => place === 0 || ms > times[place - 1]!)).toBe(true)
  })

  it('passes on prompts, movements seen and hints, and ends with the verdict', async () => {
    started()
    line.opens()
    line.says(asks(0, 'neutral'))
    line.says({ type: 'hint', code: 'TOO_DARK', text: '光线太暗' })
    line.says({ type: 'hint', code: null, text: '' })
    line.says(asks(1, 'blink'))
    line.says({ type: 'done', step: 1 })
    line.says({ type: 'judging', text: '正在核对' })
    await passes(100)
    const sent = line.frames.length
    await passes(1000)
    expect(line.frames.length).toBe(sent)
    line.says({ type: 'verdict', verification: { id: 'v' } })
    await passes(0)
    expect(ending).toEqual({ kind: 'verdict', verification: { id: 'v' } })
    expect(told).toEqual(['0 neutral', 'hint TOO_DARK 光线太暗', 'hint null ', '1 blink', 'done 1', 'judging'])
    expect(line.isClosed).toBe(true)
  })

  it('ends with the hall’s refusal and its time to wait', async () => {
    started()
    line.opens()
    line.says({ type: 'error', error: { code: 'liveness.vision_busy', message: '人多', retry_after: 3 } })
    await passes(0)
    expect(ending).toEqual({ kind: 'refused', code: 'liveness.vision_busy', message: '人多', retryAfter: 3 })
  })

  it('leaves frames out while the line is full, and gives up when it stays full', async () => {
    started()
    line.opens()
    line.says(asks(0, 'neutral'))
    await passes(300)
    const sent = line.frames.length
    line.bufferedAmount = MOST_WAITING_BYTES + 1
    await passes(1000)
    expect(line.frames.length).toBe(sent)
    line.bufferedAmount = 0
    await passes(300)
    expect(line.frames.length).toBeGreaterThan(sent)
    line.bufferedAmount = MOST_WAITING_BYTES + 1
    await passes(3000)
    expect(ending).toEqual({ kind: 'broken', why: 'slow' })
  })

  it('does not hurry after a slow camera', async () => {
    picture = () => new Promise((resolve) => setTimeout(() => resolve(Uint8Array.from([1])), 100))
    started()
    line.opens()
    line.says(asks(0, 'neutral'))
    await passes(2000)
    expect(line.frames.length).toBeLessThanOrEqual(20)
    expect(line.frames.length).toBeGreaterThan(12)
  })

  it.each<[string, () => unknown, string]>([
    ['the line never opens', () => passes(9000), 'unreachable'],
    ['the line is refused', async () => line.breaks(), 'unreachable'],
    ['the line breaks', async () => (line.opens(), line.says(asks(0, 'neutral')), line.breaks()), 'lost'],
    ['the hall says nothing', async () => (line.opens(), await passes(21000)), 'silent'],
    ['the verdict never comes', async () => (line.opens(), line.says(asks(0, 'neutral')), line.says({ type: 'judging', text: '' }), await passes(46000)), 'silent'],
    ['the capture never ends', async () => (line.opens(), line.says(asks(0, 'neutral')), await passes(41000)), 'silent'],
  ])('ends once when %s', async (_what, happens, why) => {
    started()
    await happens()
    await passes(0)
    expect(ending).toEqual({ kind: 'broken', why })
    expect(line.isClosed).toBe(true)
  })

  it('ends when the camera goes dark or breaks', async () => {
    picture = async () => null
    started()
    line.opens()
    line.says(asks(0, 'neutral'))
    await passes(3000)
    expect(ending).toEqual({ kind: 'broken', why: 'camera' })
    picture = () => Promise.reject(new Error('gone'))
    started()
    line.opens()
    line.says(asks(0, 'neutral'))
    await passes(100)
    expect(ending).toEqual({ kind: 'broken', why: 'camera' })
  })

  it('stops when told to, and nothing that comes later changes that', async () => {
    const running = started()
    line.opens()
    line.says(asks(0, 'neutral'))
    const late = line.onmessage!
    running.stop()
    late({ data: JSON.stringify({ type: 'verdict', verification: {} }) })
    await passes(500)
    expect(ending).toEqual({ kind: 'broken', why: 'stopped' })
    expect(told).toEqual(['0 neutral'])
  })

  it('takes no notice of words that are not the hall’s', async () => {
    started()
    line.opens()
    line.says('<html>')
    line.says({ type: 'weather' })
    line.onmessage?.({ data: new ArrayBuffer(3) })
    await passes(10)
    expect([ending, told]).toEqual([null, []])
  })
})
