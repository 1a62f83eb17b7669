/** The front camera of a browser. Only the H5 build imports this. */
import type { FrontCamera, Opened } from './front_camera'
import type { LocalFile } from './types'

/** The longer side of a frame: more does not help the comparison, less upload does help a slow line. */
const EDGE = 640
const QUALITY = 0.9

export class BrowserCamera implements FrontCamera {
  private stream: MediaStream | null = null
  private run = 0

  /** `ended` is told when the phone takes the camera away (a call, another program). */
  constructor(
    private video: HTMLVideoElement,
    private ended: () => void,
  ) {}

  async start(): Promise<Opened> {
    const mine = (this.run += 1)
    if (!navigator.mediaDevices) return 'unable'
    const wanted = { facingMode: 'user', width: { ideal: 1280 }, height: { ideal: 960 } }
    let stream: MediaStream
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false })
    } catch (error) {
      return ['NotAllowedError', 'SecurityError'].includes((error as Error).name) ? 'denied' : 'absent'
    }
    if (mine !== this.run) {
      stream.getTracks().forEach((track) => track.stop())
      return 'opening'
    }
    this.stream = stream
    stream.getVideoTracks()[0]?.addEventListener('ended', () => mine === this.run && this.ended())
    this.video.srcObject = stream
    await this.video.play().catch(() => undefined)
    return mine === this.run ? 'on' : 'opening'
  }

  /** What the round window shows: the square in the middle of the camera's picture. */
  async shoot(number: number): Promise<LocalFile> {
    const { video } = this
    if (!this.stream || video.readyState < 2) throw new Error('the camera shows nothing')
    const side = Math.min(video.videoWidth, video.videoHeight)
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = Math.min(side, EDGE)
    const pen = canvas.getContext('2d')
    pen?.drawImage(video, (video.videoWidth - side) / 2, (video.videoHeight - side) / 2, side, side, 0, 0, canvas.width, canvas.height)
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY))
    if (!blob) throw new Error('the frame cannot be written')
    return { path: '', name: `${number}.jpg`, size: blob.size, type: blob.type, blob }
  }

  stop(): void {
    this.run += 1
    this.stream?.getTracks().forEach((track) => track.stop())
    this.stream = null
    this.video.srcObject = null
  }
}
