/** How the frames of a face check are taken: enough of them, evenly spread over a few seconds, so that a living face moves in between. */
export interface CaptureLimits {
  min_frames: number
  max_frames: number
}

export const EVERY = 320
const SPARE = 3

/** A few more than are needed, so that one with closed eyes does no harm. */
export function frameCount(limits: CaptureLimits): number {
  return Math.max(1, Math.min(limits.max_frames, limits.min_frames + SPARE))
}

export interface Timing {
  now: () => number
  wait: (ms: number) => Promise<void>
}

export const realTiming: Timing = { now: () => Date.now(), wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) }

/** Takes `count` frames, never two closer than `every` ms, one after the other even when the camera is slow. `taken` is told how many. */
export async function takeFrames<T>(
  count: number,
  every: number,
  shoot: (number: number) => Promise<T>,
  taken: (done: number) => void = () => {},
  timing: Timing = realTiming,
): Promise<T[]> {
  const frames: T[] = []
  for (let number = 0; number < count; number += 1) {
    const began = timing.now()
    frames.push(await shoot(number))
    taken(number + 1)
    const left = every - (timing.now() - began)
    if (number + 1 < count && left > 0) await timing.wait(left)
  }
  return frames
}
