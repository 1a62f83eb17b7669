import { beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, ref } from 'vue'

import { ApiError } from '@/api/errors'
import type { VideoCall } from '@/api/types'
import type { Link } from '@/components/identity/videoPeer'

const call = (media: Partial<VideoCall['media']>, id = 'video_1') =>
  ({ id, media: { round: 0, answer: null, needs_offer: true, ice_servers: [], is_relayed: false, ...media } }) as unknown as VideoCall

let held: VideoCall | null = null
let look = () => {}
const offers: string[] = []
const peers: FakePeer[] = []
class FakePeer {
  heard = { of: peers.length }
  accepted: string[] = []
  isClosed = false
  constructor(_servers: unknown, readonly told: (link: Link) => void) {
    peers.push(this)
  }
  offer = async () => `offer ${peers.length}`
  accept = async (sdp: string) => void this.accepted.push(sdp)
  close = () => void (this.isClosed = true)
}
vi.mock('@/components/identity/videoPeer', () => ({ VideoPeer: FakePeer }))
vi.mock('@/components/usePolling', () => ({ usePolling: (work: () => void) => (look = work) }))
vi.mock('@/api/client', () => ({
  data: (answer: Promise<unknown>) => answer,
  api: {
    GET: async () => {
      if (!held) throw new ApiError(404, 'request.not_found', '')
      return held
    },
    PUT: async (_path: string, { body }: { body: { sdp: string } }) => {
      if (!held) throw new ApiError(404, 'request.not_found', '')
      offers.push(body.sdp)
      held = call({ round: held.media.round + 1, needs_offer: false }, held.id)
      return held
    },
  },
}))
const { useVideoPeer } = await import('@/components/identity/useVideoPeer')

async function opened(isHere = true) {
  const lost = vi.fn()
  const scope = effectScope()
  const first = held ?? call({})
  const talk = scope.run(() => useVideoPeer(first, isHere, ref(null), lost))
  if (!talk) throw new Error('no scope')
  await settle()
  return { talk, lost, stop: () => scope.stop() }
}
const settle = async () => {
  look()
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

describe("the clerk's side of a call", () => {
  beforeEach(() => {
    held = call({})
    offers.splice(0)
    peers.splice(0)
    vi.stubGlobal('navigator', {})
  })

  it('offers without a camera, takes the answer, and offers again when asked', async () => {
    const { talk, stop } = await opened()
    expect([offers, talk.link.value]).toEqual([['offer 1'], 'connecting'])
    held = call({ round: 1, answer: 'answer 1', needs_offer: false })
    await settle()
    expect(peers[0]?.accepted).toEqual(['answer 1'])
    peers[0]?.told('connected')
    expect([talk.link.value, talk.heard.value]).toEqual(['connected', peers[0]?.heard])
    held = call({ round: 1, needs_offer: true })
    await settle()
    expect([offers.length, peers[0]?.isClosed, talk.link.value]).toEqual([2, true, 'connecting'])
    stop()
    expect(peers[1]?.isClosed).toBe(true)
  })

  it('gives way to another window, and takes the call back only when the clerk says so', async () => {
    const { talk } = await opened()
    held = call({ round: 2, needs_offer: false })
    await settle()
    expect([talk.link.value, peers[0]?.isClosed]).toEqual(['elsewhere', true])
    held = call({ round: 2, needs_offer: true })
    await settle()
    expect(offers.length).toBe(1)
    await talk.connect()
    expect(offers.length).toBe(2)
    held = call({ round: 5, needs_offer: false })
    const other = await opened(false)
    expect([other.talk.link.value, offers.length]).toEqual(['elsewhere', 2])
  })

  it('never shows somebody else than the one whose name is on the page', async () => {
    const { lost } = await opened()
    held = call({ round: 1, needs_offer: true }, 'video_2')
    await settle()
    expect([lost.mock.calls.length, peers[0]?.isClosed, offers.length]).toEqual([1, true, 1])
    held = null
    await settle()
    expect(lost).toHaveBeenCalledTimes(2)
  })
})
