/** The hall's time. A phone's clock may be wrong by years; countdowns and dates follow the server's `Date` header. */
let skew = 0

export const serverClock = {
  learn(date: string | undefined): void {
    const told = date ? Date.parse(date) : NaN
    if (!Number.isNaN(told)) skew = told - Date.now()
  },
  now: (): number => Date.now() + skew,
}
