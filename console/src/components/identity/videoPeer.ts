import type { VideoCall } from '@/api/types'

/** How the direct connection to the citizen's browser stands. */
export type Link = 'connecting' | 'connected' | 'lost'

const GATHER_MS = 2000
const CONNECT_MS = 20_000
const SHAKY_MS = 8000

/** One WebRTC connection that makes the offer; a lost one is not mended, a new one is made. */
export class VideoPeer {
  /** What the other side sends. */
  readonly heard = new MediaStream()
  private readonly peer: RTCPeerConnection
  private timer: ReturnType<typeof setTimeout> | undefined
  private isAnswered = false

  constructor(
    { ice_servers: servers, is_relayed: isRelayed }: Pick<VideoCall['media'], 'ice_servers' | 'is_relayed'>,
    private readonly told: (link: Link) => void,
  ) {
    const iceServers = servers.map(({ urls, username, credential }) => (username && credential ? { urls, username, credential } : { urls }))
    this.peer = new RTCPeerConnection({ iceServers, iceTransportPolicy: isRelayed ? 'relay' : 'all' })
    this.peer.addEventListener('track', (event) => this.heard.addTrack(event.track))
    this.peer.addEventListener('connectionstatechange', () => this.look())
  }

  /** Our description, with every way to reach us that was found in time. Without own tracks we only see and hear. */
  async offer(own: MediaStream | null): Promise<string> {
    for (const kind of ['audio', 'video'] as const) {
      const track = own?.getTracks().find((one) => one.kind === kind)
      this.peer.addTransceiver(track ?? kind, { direction: track ? 'sendrecv' : 'recvonly' })
    }
    await this.peer.setLocalDescription(await this.peer.createOffer())
    await this.gathered()
    return this.peer.localDescription?.sdp ?? ''
  }

  /** Takes the answer; a second time changes nothing. */
  async accept(sdp: string): Promise<void> {
    if (this.isAnswered) return
    this.isAnswered = true
    await this.peer.setRemoteDescription({ type: 'answer', sdp })
    this.wait(CONNECT_MS)
  }

  close(): void {
    clearTimeout(this.timer)
    this.peer.close()
  }

  private gathered(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
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
