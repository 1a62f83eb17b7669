/** The scanner's camera: asked for once, let go of in time, one word for one code. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

let seen: string | null = null
vi.mock('@/platform/codes', () => ({
  CodeReader: class {
    read = async () => seen
    close = () => undefined
  },
  pixelsOf: () => ({}),
}))
const { CameraScanner } = await import('@/platform/camera_scanner')
const { CameraDenied } = await import('@/platform/types')

class Track {
  isLive = true
  light = false
  stop = () => void (this.isLive = false)
  getCapabilities = () => ({ torch: true })
  applyConstraints = async (wanted: { advanced: { torch: boolean }[] }) => void (this.light = wanted.advanced[0]!.torch)
}
let track: Track
let ask: () => Promise<unknown>
const video = { play: async () => undefined, readyState: 4, videoWidth: 1280, videoHeight: 960, srcObject: null } as unknown as HTMLVideoElement
const told: string[] = []

beforeEach(() => {
  vi.useFakeTimers()
  seen = null
  told.length = 0
  track = new Track()
  ask = async () => ({ getTracks: () => [track], getVideoTracks: () => [track] })
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: () => ask() } })
})
afterEach(() => void vi.unstubAllGlobals())
const make = () => new CameraScanner(video, (text) => told.push(text))

describe('the scanner’s camera', () => {
  it('tells a code that stays before it once, and again when it was away', async () => {
    const scanner = make()
    await scanner.start()
    seen = '1200000239068'
    await vi.advanceTimersByTimeAsync(3000)
    expect(told).toEqual(['1200000239068'])
    seen = null
    await vi.advanceTimersByTimeAsync(2000)
    seen = '1200000239068'
    await vi.advanceTimersByTimeAsync(500)
    expect(told).toHaveLength(2)
    scanner.close()
  })

  it('looks about eight times a second, and at nothing while it is paused', async () => {
    const scanner = make()
    let looks = 0
    Object.defineProperty(video, 'readyState', { configurable: true, get: () => ((looks += 1), 4) })
    await scanner.start()
    await vi.advanceTimersByTimeAsync(2000)
    expect(looks).toBeGreaterThan(10)
    expect(looks).toBeLessThanOrEqual(17)
    scanner.isPaused = true
    looks = 0
    await vi.advanceTimersByTimeAsync(2000)
    expect(looks).toBe(0)
    scanner.close()
  })

  it('is let go of, also when it is granted only after the page was left', async () => {
    const scanner = make()
    await scanner.start()
    scanner.stop()
    expect(track.isLive).toBe(false)
    let grant: (stream: unknown) => void = () => undefined
    const late = new Track()
    ask = () => new Promise((resolve) => (grant = resolve))
    const starting = scanner.start()
    scanner.stop()
    grant({ getTracks: () => [late], getVideoTracks: () => [late] })
    await starting
    expect(late.isLive).toBe(false)
  })

  it('says whether it was refused or is not there', async () => {
    ask = () => Promise.reject(Object.assign(new Error(), { name: 'NotAllowedError' }))
    await expect(make().start()).rejects.toBeInstanceOf(CameraDenied)
    ask = () => Promise.reject(Object.assign(new Error(), { name: 'NotFoundError' }))
    await expect(make().start()).rejects.not.toBeInstanceOf(CameraDenied)
    vi.stubGlobal('navigator', {})
    await expect(make().start()).rejects.toThrow('no camera')
  })

  it('has a light where the phone has one', async () => {
    const scanner = make()
    expect(scanner.hasTorch).toBe(false)
    await scanner.start()
    expect(scanner.hasTorch).toBe(true)
    await scanner.light(true)
    expect(track.light).toBe(true)
    scanner.close()
  })

  it('uses the browser’s own reader where it knows bar codes too', async () => {
    vi.stubGlobal(
      'BarcodeDetector',
      class {
        static getSupportedFormats = async () => ['qr_code', 'code_128', 'code_39', 'ean_13']
        detect = async () => [{ rawValue: 'EA123456789CN' }]
      },
    )
    const scanner = make()
    await scanner.start()
    await vi.advanceTimersByTimeAsync(300)
    expect(told).toEqual(['EA123456789CN'])
    scanner.close()
  })
})
