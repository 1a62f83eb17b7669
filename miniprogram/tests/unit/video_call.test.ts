import { beforeEach, describe, expect, it, vi } from 'vitest'
import { troubleOf } from '@/packages/identity/capture/camera_trouble'
import { BrowserCamera } from '@/platform/front_camera_browser'
import { VideoCall, type Link } from '@/platform/video_call_browser'

const asked: boolean[] = []
let fails: (hasSound: boolean) => string | null = () => null
const stream = { getTracks: () => [], getVideoTracks: () => [] }
vi.stubGlobal('navigator', {
  mediaDevices: {
    getUserMedia: async ({ audio }: { audio: boolean }) => {
      asked.push(audio)
      const name = fails(audio)
      if (name) throw Object.assign(new Error(), { name })
      return stream
    },
  },
})
const camera = (hasSound: boolean) => new BrowserCamera({ play: async () => undefined } as unknown as HTMLVideoElement, () => undefined, hasSound)

describe('camera and microphone', () => {
  beforeEach(() => void asked.splice(0))

  it('are asked for together, and the camera alone where there is no microphone', async () => {
    fails = () => null
    expect([await camera(true).start(), await camera(false).start(), asked]).toEqual(['on', 'on', [true, false]])
    fails = (hasSound) => (hasSound ? 'NotFoundError' : null)
    expect(await camera(true).start()).toBe('on')
    fails = () => 'NotFoundError'
    expect(await camera(true).start()).toBe('absent')
  })

  it('are not asked for twice of somebody who said no', async () => {
    fails = () => 'NotAllowedError'
    expect([await camera(true).start(), asked]).toEqual(['denied', [true]])
    expect(troubleOf('denied', true)?.title).toBe('还没有允许使用摄像头和麦克风')
    expect(troubleOf('denied')?.lines.join('')).not.toContain('麦克风')
  })
})

class FakePeer extends EventTarget {
  static last: FakePeer
  connectionState = 'new'
  iceGatheringState = 'gathering'
  localDescription = { sdp: 'v=0 with what was found' }
  isClosed = false
  tracks: { kind: string }[] = []
  constructor(readonly config: RTCConfiguration) {
    super()
    FakePeer.last = this
  }
  setRemoteDescription = async (): Promise<void> => undefined
  createAnswer = async (): Promise<object> => ({})
  setLocalDescription = async (): Promise<void> => undefined
  addTrack = (track: { kind: string }): number => this.tracks.push(track)
  getSenders = () => this.tracks.map((track) => ({ track, replaceTrack: vi.fn() }))
  close = (): void => void (this.isClosed = true)
  is(state: string): void {
    this.connectionState = state
    this.dispatchEvent(new Event('connectionstatechange'))
  }
}
vi.stubGlobal('RTCPeerConnection', FakePeer)
vi.stubGlobal('MediaStream', class {})

async function answered(tracks: { kind: string }[], isRelayed = false) {
  const told: Link[] = []
  const call = new VideoCall([{ urls: ['stun:a'], username: null, credential: null }], isRelayed, (link) => told.push(link))
  const sdp = call.answer('v=0', { getTracks: () => tracks } as unknown as MediaStream)
  await vi.advanceTimersByTimeAsync(2_100)
  return { told, call, sdp: await sdp, peer: FakePeer.last }
}

describe('a direct call', () => {
  beforeEach(() => void vi.useFakeTimers())

  it('waits for ways to be reached, but not for ever', async () => {
    const { sdp, peer } = await answered([])
    expect([sdp, peer.config]).toEqual(['v=0 with what was found', { iceServers: [{ urls: ['stun:a'] }], iceTransportPolicy: 'all' }])
    expect((await answered([], true)).peer.config.iceTransportPolicy).toBe('relay')
  })

  it('is lost when it does not come about, or breaks off for long', async () => {
    const never = await answered([])
    await vi.advanceTimersByTimeAsync(20_100)
    expect([never.told, never.peer.isClosed]).toEqual([['lost'], true])
    const shaky = await answered([])
    shaky.peer.is('connected')
    shaky.peer.is('disconnected')
    await vi.advanceTimersByTimeAsync(5_000)
    shaky.peer.is('connected')
    await vi.advanceTimersByTimeAsync(60_000)
    shaky.peer.is('disconnected')
    await vi.advanceTimersByTimeAsync(8_100)
    expect(shaky.told).toEqual(['connected', 'connecting', 'connected', 'connecting', 'lost'])
  })

  it('goes on with a camera that was opened again, if it had one before', async () => {
    const again = { getTracks: () => [{ kind: 'video' }] } as unknown as MediaStream
    expect(await (await answered([{ kind: 'video' }])).call.sends(again)).toBe(true)
    expect(await (await answered([])).call.sends(again)).toBe(false)
  })
})
