/** The picture and sound of a video check: straight from browser to browser (WebRTC). Only the H5 build imports this. */
import type { Schemas } from '@/api/types'

export type Link = 'connecting' | 'connected' | 'lost'

const GATHER_MS = 2000
const CONNECT_MS = 20_000
const SHAKY_MS = 8000

export class VideoCall {
  /** What the clerk's browser sends; without a picture where the clerk has no camera. */
  readonly heard = new MediaStream()
  private peer: RTCPeerConnection
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    servers: Schemas['IceServer'][],
    isRelayed: boolean,
    private told: (link: Link) => void,
  ) {
    const iceServers = servers.map(({ urls, username, credential }) => (username && credential ? { urls, username, credential } : { urls }))
    this.peer = new RTCPeerConnection({ iceServers, iceTransportPolicy: isRelayed ? 'relay' : 'all' })
    this.peer.addEventListener('track', (event) => this.heard.addTrack(event.track))
    this.peer.addEventListener('connectionstatechange', () => this.look())
  }

  /** Our description, with every way to reach us that was found in time. */
  async answer(offer: string, own: MediaStream | null): Promise<string> {
    await this.peer.setRemoteDescription({ type: 'offer', sdp: offer })
    own?.getTracks().forEach((track) => this.peer.addTrack(track, own))
    await this.peer.setLocalDescription(await this.peer.createAnswer())
    await this.gathered()
    this.wait(CONNECT_MS)
    return this.peer.localDescription?.sdp ?? ''
  }

  /** Goes on with a camera that was opened again; false where the connection was made without one. */
  async sends(own: MediaStream): Promise<boolean> {
    const senders = this.peer.getSenders()
    const pairs = own.getTracks().map((track) => ({ track, sender: senders.find((one) => one.track?.kind === track.kind) }))
    if (pairs.some((pair) => !pair.sender)) return false
    await Promise.all(pairs.map((pair) => pair.sender?.replaceTrack(pair.track)))
    return true
  }

  close(): void {
    clearTimeout(this.timer)
    this.peer.close()
  }

  private gathered(): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.peer.iceGatheringState === 'complete') resolve()
      }
      this.peer.addEventListener('icegatheringstatechange', look)
      setTimeout(resolve, GATHER_MS)
      look()
    })
  }

  private look(): void {
    const state = this.peer.connectionState
    if (state === 'connected') {
      clearTimeout(this.timer)
      this.told('connected')
    } else if (state === 'failed') this.lose()
    else if (state === 'disconnected') {
      this.told('connecting')
      this.wait(SHAKY_MS)
    }
  }

  private wait(milliseconds: number): void {
    clearTimeout(this.timer)
    if (this.peer.connectionState === 'connected') return
    this.timer = setTimeout(() => this.lose(), milliseconds)
  }

  private lose(): void {
    this.close()
    this.told('lost')
  }
}
