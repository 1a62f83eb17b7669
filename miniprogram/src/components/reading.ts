/** Which pages of a document have been read: a page counts once its end has been on the screen while its content was there. */
export class PagesSeen {
  private ends = new Set<number>()
  private shown = new Set<number>()
  private done: Set<number>

  /** `read`: numbers known from before (the person comes back). */
  constructor(read: readonly number[] = []) {
    this.done = new Set(read)
  }

  /** The end of a page came into view or left it. */
  end(page: number, isInView: boolean): boolean {
    if (isInView) this.ends.add(page)
    else this.ends.delete(page)
    return this.settle(page)
  }

  /** The content of a page (its picture or its text) is there. */
  show(page: number): boolean {
    this.shown.add(page)
    return this.settle(page)
  }

  get read(): number[] {
    return [...this.done].sort((a, b) => a - b)
  }

  private settle(page: number): boolean {
    if (this.done.has(page) || !this.ends.has(page) || !this.shown.has(page)) return false
    this.done.add(page)
    return true
  }
}

/** The real time spent with something: runs only while it is seen. A clock that jumps does no harm. */
export class Dwell {
  private since: number | null = null
  private gathered: number
  /** More than this between two looks at the clock is the phone's clock being set, or the app asleep. */
  private static readonly LONGEST = 60_000

  constructor(
    seconds = 0,
    private now: () => number = () => Date.now(),
  ) {
    this.gathered = seconds * 1000
  }

  start(): void {
    this.since ??= this.now()
  }

  stop(): void {
    this.tick()
    this.since = null
  }

  /** To be called every few seconds while running. */
  tick(): void {
    if (this.since === null) return
    const now = this.now()
    this.gathered += Math.min(Math.max(0, now - this.since), Dwell.LONGEST)
    this.since = now
  }

  get seconds(): number {
    this.tick()
    return Math.round(this.gathered / 100) / 10
  }
}
