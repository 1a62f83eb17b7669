/** The front camera for a face check. Pictures stay in memory and go nowhere but to the hall. */

/** What came of opening it. `closed`: it was let go of again meanwhile. */
export type Opened = 'on' | 'closed' | 'denied' | 'absent' | 'unable'

export interface PictureSize {
  width: number
  height: number
  /** Of the JPEG, 0–1. */
  quality: number
}

export interface FrontCamera {
  start(): Promise<Opened>
  /** What it sees now as JPEG, upright and not mirrored; null while it shows nothing. */
  shoot(size: PictureSize): Promise<Uint8Array | null>
  /** What a recorder can record; null where it is not open. */
  readonly stream: MediaStream | null
  stop(): void
}
