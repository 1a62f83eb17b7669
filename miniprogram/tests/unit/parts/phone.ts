/** A phone without WeChat: `uni` with a storage, a network that does what the test says, and a stack of pages. */
import { vi } from 'vitest'

export interface Sent {
  url: string
  method: string
  data: unknown
  header: Record<string, string>
}
export interface Reply {
  status: number
  body: unknown
  header?: Record<string, string>
}
export type Network = (sent: Sent, turn: number) => Reply | 'lost'

export const good = (data: unknown, header: Record<string, string> = {}): Reply => ({ status: 200, body: { data }, header })
export const refused = (status: number, code: string, fields: Record<string, string> = {}, header: Record<string, string> = {}): Reply => ({
  status,
  body: { error: { code, message: `说明：${code}`, fields, request_id: 'r1' } },
  header,
})

export class Phone {
  storage = new Map<string, string>()
  sent: Sent[] = []
  moves: string[] = []
  pages: { route: string; options?: Record<string, string> }[] = [{ route: 'pages/home/index' }]
  isStorageFull = false
  network: Network = () => 'lost'

  constructor() {
    vi.stubGlobal('uni', {
      getStorageSync: (name: string) => this.storage.get(name) ?? '',
      setStorageSync: (name: string, value: string) => {
        if (this.isStorageFull) throw new Error('exceed storage max size')
        this.storage.set(name, value)
      },
      removeStorageSync: (name: string) => this.storage.delete(name),
      getStorageInfoSync: () => ({ keys: [...this.storage.keys()] }),
      request: (options: never) => this.request(options),
      ...Object.fromEntries(
        ['navigateTo', 'redirectTo', 'reLaunch', 'navigateBack'].map((name) => [name, (options: { url?: string } = {}) => this.moves.push(`${name} ${options.url ?? ''}`.trim())]),
      ),
    })
    vi.stubGlobal('getCurrentPages', () => this.pages)
  }

  private request(options: Sent & { success: (answer: object) => void; fail: () => void }): void {
    const { url, method, data, header } = options
    this.sent.push({ url: new URL(url, 'http://hall.example').pathname + new URL(url, 'http://hall.example').search, method, data, header })
    const reply = this.network(this.sent.at(-1) as Sent, this.sent.length)
    queueMicrotask(() => {
      if (reply === 'lost') return options.fail()
      const body = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)
      options.success({ statusCode: reply.status, data: body, header: reply.header ?? {} })
    })
  }

  keys(): (string | undefined)[] {
    return this.sent.map((one) => one.header['Idempotency-Key'])
  }
}
