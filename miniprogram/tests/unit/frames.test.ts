/** R24: frames of a face check are spread over a few seconds, and as many as the hall wants. */
import { describe, expect, it } from 'vitest'
import { troubleOf, type CameraState } from '@/components/camera_trouble'
import { EVERY, frameCount, takeFrames } from '@/components/frames'

function slowCamera(shot: number) {
  const clock = { ms: 0 }
  const at: number[] = []
  return {
    at,
    timing: { now: () => clock.ms, wait: async (ms: number) => void (clock.ms += ms) },
    shoot: async (number: number) => {
      at.push(clock.ms)
      clock.ms += shot
      return number
    },
  }
}

describe('frames', () => {
  it('are a few more than needed, and never more than taken', () => {
    expect(frameCount({ min_frames: 5, max_frames: 12 })).toBe(8)
    expect(frameCount({ min_frames: 5, max_frames: 6 })).toBe(6)
    expect(frameCount({ min_frames: 0, max_frames: 0 })).toBe(1)
  })

  it('are evenly spread over two to three seconds by a quick camera', async () => {
    const { at, timing, shoot } = slowCamera(20)
    const counted: number[] = []
    expect(await takeFrames(8, EVERY, shoot, (done) => counted.push(done), timing)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(at).toEqual(Array.from({ length: 8 }, (_, number) => number * EVERY))
    expect(at.at(-1)).toBeGreaterThanOrEqual(2000)
    expect(at.at(-1)).toBeLessThanOrEqual(3000)
    expect(counted).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('come one after the other from a slow camera, never in a bunch', async () => {
    const { at, timing, shoot } = slowCamera(900)
    await takeFrames(3, EVERY, shoot, undefined, timing)
    expect(at).toEqual([0, 900, 1800])
  })

  it('are not half given when the camera is taken away', async () => {
    const { timing } = slowCamera(1)
    const broken = takeFrames(5, EVERY, async (number) => (number < 2 ? number : Promise.reject(new Error('gone'))), undefined, timing)
    await expect(broken).rejects.toThrow('gone')
  })
})

describe('a dark mirror', () => {
  it('always says what to do, and names the counter when the camera is refused (R24)', () => {
    const states: CameraState[] = ['denied', 'absent', 'unable', 'privacy', 'off']
    for (const state of states) {
      for (const where of ['browser', 'weapp'] as const) {
        const told = troubleOf(state, where)!
        expect(told.button).not.toBe('')
        expect(told.lines.join('')).not.toMatch(/[A-Za-z_]/)
        if (state !== 'off') expect(told.lines.at(-1)).toContain('预约窗口')
      }
    }
    expect(troubleOf('on', 'browser')).toBeNull()
    expect(troubleOf('asleep', 'weapp')).toBeNull()
  })
})
