import { type Ref, onScopeDispose, ref, shallowRef } from 'vue'

import { api, data } from '@/api/client'
import { isGone } from '@/api/errors'
import type { VideoCall } from '@/api/types'
import { type Link, VideoPeer } from '@/components/identity/videoPeer'
import { usePolling } from '@/components/usePolling'

const WATCH_MS = 1000
/** Whoever does not answer the browser's question about the camera begins without. */
const ASK_MS = 10_000
/** So many looks without a new frame, and the picture stands still. */
const STILL_AFTER = 3

export interface Talk {
  link: Readonly<Ref<Link | 'elsewhere'>>
  /** The other side's picture moves on this page. */
  isSeen: Readonly<Ref<boolean>>
  heard: Readonly<Ref<MediaStream | null>>
  /** The clerk's own camera and microphone, if allowed. */
  own: Readonly<Ref<MediaStream | null>>
  connect: () => Promise<void>
}

/** The own side of the call: camera and microphone if they may be used, an offer whenever one is needed, and the answer to it.
 * `isHere`: this page took the call or was loaded with it; else another window has it, until the clerk says so. */
export function useVideoPeer(first: VideoCall, isHere: boolean, screen: Ref<HTMLVideoElement | null>, lost: () => void): Talk {
  const link = ref<Link | 'elsewhere'>(isHere ? 'connecting' : 'elsewhere')
  const isSeen = ref(false)
  const heard = shallowRef<MediaStream | null>(null)
  const own = shallowRef<MediaStream | null>(null)
  let peer: VideoPeer | null = null
  let round = 0
  let sent: MediaStream | null = null
  let isOffering = false
  let isOver = false
  let opening: Promise<void> | null = null

  async function openCamera(): Promise<void> {
    const stream = await ask({ video: { width: { ideal: 640 } }, audio: true })
      .catch(() => ask({ video: false, audio: true }))
      .catch(() => null)
    if (isOver) stream?.getTracks().forEach((track) => track.stop())
    else own.value = stream
  }

  function hangUp(): void {
    peer?.close()
    peer = null
    heard.value = null
    isSeen.value = false
  }

  /** The clerk has no call any more, or talks to somebody else in another window. */
  function gone(): void {
    hangUp()
    if (!isOver) lost()
  }

  async function connect(): Promise<void> {
    if (isOffering || isOver) return
    isOffering = true
    hangUp()
    link.value = 'connecting'
    try {
      await Promise.race([(opening ??= openCamera()), new Promise((resolve) => setTimeout(resolve, ASK_MS))])
      if (isOver) return
      const made = new VideoPeer(first.media, (now) => {
        if (made === peer) tell(now)
      })
      peer = made
      sent = own.value
      const sdp = await made.offer(sent)
      const now = await data(api.PUT('/api/clerk/identity/video/current/offer', { body: { sdp } }))
      if (now.id === first.id) round = now.media.round
      else gone()
    } catch (thrown) {
      if (isGone(thrown)) gone()
      else tell('lost')
    } finally {
      isOffering = false
    }
  }

  function tell(now: Link): void {
    link.value = now
    heard.value = now === 'lost' ? null : (peer?.heard ?? null)
    if (now === 'lost') hangUp()
  }

  async function look(): Promise<void> {
    if (isOffering || isOver || link.value === 'elsewhere') return
    let now: VideoCall
    const before = round
    try {
      now = await data(api.GET('/api/clerk/identity/video/current'))
    } catch (thrown) {
      if (isGone(thrown)) gone()
      return
    }
    if (isOffering || isOver || round !== before) return
    const { media } = now
    if (now.id !== first.id) gone()
    else if (media.needs_offer) await connect()
    else if (media.round === round && own.value !== sent) await connect()
    else if (media.round !== round) {
      if (link.value === 'lost') return
      hangUp()
      own.value?.getTracks().forEach((track) => track.stop())
      own.value = opening = null
      link.value = 'elsewhere'
    } else if (media.answer && peer) {
      await peer.accept(media.answer).catch(() => tell('lost'))
    }
  }

  let frames = 0
  let still = STILL_AFTER
  const watching = setInterval(() => {
    const shown = screen.value?.getVideoPlaybackQuality().totalVideoFrames ?? 0
    still = shown > frames ? 0 : still + 1
    frames = shown
    isSeen.value = link.value === 'connected' && still < STILL_AFTER
  }, WATCH_MS)

  usePolling(() => void look(), 2)
  onScopeDispose(() => {
    isOver = true
    clearInterval(watching)
    hangUp()
    own.value?.getTracks().forEach((track) => track.stop())
  })
  if (isHere) void connect()
  return { link, isSeen, heard, own, connect }
}

const ask = (wanted: MediaStreamConstraints): Promise<MediaStream> =>
  navigator.mediaDevices ? navigator.mediaDevices.getUserMedia(wanted) : Promise.reject(new DOMException('', 'NotSupportedError'))
