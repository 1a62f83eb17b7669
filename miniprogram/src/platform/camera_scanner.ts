/** The camera of a browser, looking for codes about eight times a second. Only the H5 build imports this. */
import { CodeReader, pixelsOf } from './codes'
import { CameraDenied } from './types'

const PAUSE = 125
const WIDEST = 800
const AGAIN = 1500

interface Detector {
  detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>
}
type Detectors = { new (options: { formats: string[] }): Detector; getSupportedFormats(): Promise<string[]> }
const FORMATS = ['qr_code', 'code_128', 'code_39']

/** The browser's own reader, where there is one that knows waybills' bar codes too (Android); jsQR reads QR codes only. */
async function ownDetector(): Promise<Detector | null> {
  const known = (globalThis as { BarcodeDetector?: Detectors }).BarcodeDetector
  const supported = (await known?.getSupportedFormats().catch(() => [])) ?? []
  return known && FORMATS.every((format) => supported.includes(format)) ? new known({ formats: FORMATS }) : null
}

export class CameraScanner {
  isPaused = false
  private reader = new CodeReader()
  private detector: Detector | null = null
  private stream: MediaStream | null = null
  private run = 0
  private last = { text: '', at: 0 }

  constructor(
    private video: HTMLVideoElement,
    private found: (text: string) => void,
  ) {}

  /** CameraDenied, or another error when there is no camera that can be opened. */
  async start(): Promise<void> {
    const mine = (this.run += 1)
    const wanted = { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 960 } }
    if (!navigator.mediaDevices) throw new Error('no camera')
    const stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false }).catch((error: Error) => {
      throw error.name === 'NotAllowedError' ? new CameraDenied() : error
    })
    if (mine !== this.run) {
      stream.getTracks().forEach((track) => track.stop())
      return
    }
    this.stream = stream
    this.video.srcObject = stream
    this.detector = await ownDetector()
    await this.video.play().catch(() => undefined)
    void this.look(mine)
  }

  stop(): void {
    this.run += 1
    this.stream?.getTracks().forEach((track) => track.stop())
    this.stream = null
    this.video.srcObject = null
  }

  close(): void {
    this.stop()
    this.reader.close()
  }

  get hasTorch(): boolean {
    const track = this.stream?.getVideoTracks()[0]
    return Boolean((track?.getCapabilities?.() as { torch?: boolean } | undefined)?.torch)
  }

  async light(isOn: boolean): Promise<void> {
    await this.stream?.getVideoTracks()[0]?.applyConstraints({ advanced: [{ torch: isOn } as MediaTrackConstraintSet] })
  }

  private async look(mine: number): Promise<void> {
    while (mine === this.run) {
      const began = performance.now()
      const text = this.isPaused ? null : await this.once().catch(() => null)
      if (text && mine === this.run && !this.isPaused) this.tell(text)
      await new Promise((resolve) => setTimeout(resolve, Math.max(30, PAUSE - (performance.now() - began))))
    }
  }

  private async once(): Promise<string | null> {
    const { video } = this
    if (video.readyState < 2 || document.hidden) return null
    if (this.detector) return (await this.detector.detect(video))[0]?.rawValue ?? null
    // What the square on the page shows is the middle of the camera's picture.
    const side = Math.min(video.videoWidth, video.videoHeight)
    const to = Math.min(side, WIDEST)
    return this.reader.read(pixelsOf(video, (video.videoWidth - side) / 2, (video.videoHeight - side) / 2, side, side, to, to))
  }

  /** A code that stays before the camera is told once. */
  private tell(text: string): void {
    const now = performance.now()
    const isSame = text === this.last.text && now - this.last.at < AGAIN
    this.last = { text, at: now }
    if (!isSame) this.found(text)
  }
}
