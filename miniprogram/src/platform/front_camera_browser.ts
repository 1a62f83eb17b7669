/** The front camera of a browser. Only the H5 build imports this. */
import type { FrontCamera, Opened, PictureSize } from './front_camera'

export class BrowserCamera implements FrontCamera {
  stream: MediaStream | null = null
  private run = 0
  private canvas = document.createElement('canvas')

  /** `ended` is told when the phone takes the camera away (a call, another program). `hasSound`: with the microphone, where there is one. */
  constructor(
    private video: HTMLVideoElement,
    private ended: () => void,
    private hasSound = false,
  ) {}

  async start(): Promise<Opened> {
    this.stop()
    const mine = this.run
    if (!navigator.mediaDevices?.getUserMedia) return 'unable'
    const wanted = { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } }
    let stream: MediaStream
    try {
      stream = await this.ask({ video: wanted, audio: this.hasSound })
    } catch (error) {
      return ['NotAllowedError', 'SecurityError'].includes((error as Error).name) ? 'denied' : 'absent'
    }
    if (mine !== this.run) {
      stream.getTracks().forEach((track) => track.stop())
      return 'closed'
    }
    this.stream = stream
    stream.getVideoTracks()[0]?.addEventListener('ended', () => mine === this.run && this.ended())
    this.video.srcObject = stream
    await this.video.play().catch(() => undefined)
    return mine === this.run ? 'on' : 'closed'
  }

  private async ask(wanted: MediaStreamConstraints): Promise<MediaStream> {
    try {
      return await navigator.mediaDevices.getUserMedia(wanted)
    } catch (error) {
      // Perhaps it is only the microphone that is missing.
      if (!wanted.audio || !['NotFoundError', 'NotReadableError'].includes((error as Error).name)) throw error
      return navigator.mediaDevices.getUserMedia({ ...wanted, audio: false })
    }
  }

  /** The middle of the camera's picture in the asked shape, as the oval shows it. */
  async shoot({ width, height, quality }: PictureSize): Promise<Uint8Array | null> {
    const { video, canvas } = this
    if (!this.stream || video.readyState < 2 || !video.videoWidth) return null
    const scale = Math.min(video.videoWidth / width, video.videoHeight / height)
    const [across, down] = [width * scale, height * scale]
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height]
    const pen = canvas.getContext('2d')
    pen?.drawImage(video, (video.videoWidth - across) / 2, (video.videoHeight - down) / 2, across, down, 0, 0, width, height)
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality))
    return blob && new Uint8Array(await blob.arrayBuffer())
  }

  stop(): void {
    this.run += 1
    this.stream?.getTracks().forEach((track) => track.stop())
    this.stream = null
    this.video.srcObject = null
  }
}
