/** The front camera for a face check. Frames stay in memory (in WeChat: in a temporary file) and go nowhere but to the hall. */
import type { LocalFile } from './types'

/** What came of opening it; `opening` when it tells later. */
export type Opened = 'on' | 'opening' | 'denied' | 'absent' | 'unable' | 'privacy'

export interface FrontCamera {
  start(): Promise<Opened>
  /** One frame, not mirrored. Rejects when there is no picture. */
  shoot(number: number): Promise<LocalFile>
  stop(): void
}
