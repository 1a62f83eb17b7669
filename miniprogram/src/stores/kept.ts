/** Small things that outlive the page and the app: one key, one JSON value, never personal data that the server can give again. */
const PREFIX = 'zt.'

export const kept = {
  get<T>(name: string): T | null {
    try {
      const raw = uni.getStorageSync(PREFIX + name) as string
      return raw ? (JSON.parse(raw) as T) : null
    } catch {
      return null
    }
  },
  set(name: string, value: unknown): void {
    try {
      uni.setStorageSync(PREFIX + name, JSON.stringify(value))
    } catch {
      // A full or forbidden storage must not stop the person; the server keeps the draft.
    }
  },
  drop(name: string): void {
    uni.removeStorageSync(PREFIX + name)
  },
  names(): string[] {
    return (uni.getStorageInfoSync().keys ?? []).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length))
  },
}
