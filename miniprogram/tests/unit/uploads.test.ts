/** The queue of uploads: nothing is lost when the app is killed, nothing is sent as another file (issue 3, bad input). */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { LocalFile, SentFile } from '@/platform'

const storage = new Map<string, string>()
const disk = new Map<string, LocalFile>()
const sent: { key: string; name: string }[] = []
type Answer = (key: string) => SentFile | Error
let answer: Answer

const CASE = 'case_1'
const WANTED = { code: 'M06', accepts: ['application/pdf', 'image/jpeg'], max_bytes: 1000 }
const paper = (name: string, size = 10): LocalFile => ({ path: `tmp/${name}`, name, size, type: 'application/pdf' })
const ok = (): SentFile => ({ status: 201, body: JSON.stringify({ data: { id: CASE } }), headers: {} })
const refused = (status: number, code = 'x', headers = {}): SentFile => ({
  status,
  body: JSON.stringify({ error: { code, message: '话', fields: { file: '这一份不行' }, request_id: 'r' } }),
  headers,
})

vi.mock('@/platform', () => ({
  platform: {
    keepFile: async (id: string, file: LocalFile) => {
      const kept = { ...file, path: `kept:${id}` }
      disk.set(kept.path, kept)
      return kept
    },
    keptFile: async (file: LocalFile) => disk.get(file.path) ?? null,
    dropFile: async (file: LocalFile) => void disk.delete(file.path),
    shrink: async (file: LocalFile) => (file.type === 'image/jpeg' ? { ...file, size: 500 } : file),
    upload: async (_path: string, _field: string, file: LocalFile, headers: Record<string, string>, progress: (percent: number) => void) => {
      const key = headers['Idempotency-Key'] as string
      sent.push({ key, name: file.name })
      progress(50)
      const found = answer(key)
      if (found instanceof Error) throw found
      return found
    },
  },
}))

/** The app is started (again): modules anew, the phone's storage and files as they were left. */
async function started() {
  vi.resetModules()
  const { session } = await import('@/stores/session')
  const { network } = await import('@/stores/network')
  const { uploads } = await import('@/stores/uploads')
  const { Offline: Away } = await import('@/api/errors')
  const waiting = uploads.of(() => CASE)
  return { session, network, uploads, waiting, Away }
}
const settle = () => vi.advanceTimersByTimeAsync(0)

beforeEach(() => {
  vi.useFakeTimers()
  storage.clear()
  disk.clear()
  sent.length = 0
  answer = ok
  vi.stubGlobal('uni', {
    getStorageSync: (key: string) => storage.get(key) ?? '',
    setStorageSync: (key: string, value: string) => storage.set(key, value),
    removeStorageSync: (key: string) => storage.delete(key),
    getStorageInfoSync: () => ({ keys: [...storage.keys()] }),
  })
  storage.set('zt.session', JSON.stringify({ token: 't', audience: 'citizen', name: '张伟' }))
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('sends what was chosen, tells the new case and leaves nothing behind', async () => {
  const app = await started()
  await app.uploads.add(CASE, WANTED, [paper('a.pdf'), paper('b.pdf')])
  await settle()
  expect(sent.map((one) => one.name)).toEqual(['a.pdf', 'b.pdf'])
  expect(app.uploads.latest.value?.id).toBe(CASE)
  expect([app.waiting.value.length, disk.size]).toEqual([0, 0])
})

it('killed in mid-upload: the next start sends the same file with the same key', async () => {
  const app = await started()
  const { platform } = await import('@/platform')
  const upload = platform.upload
  platform.upload = async (...args) => {
    await upload(...args)
    return new Promise(() => undefined)
  }
  await app.uploads.add(CASE, WANTED, [paper('a.pdf')])
  await settle()
  expect(app.waiting.value[0]?.state).toBe('sending')
  platform.upload = upload
  answer = ok
  const again = await started()
  again.uploads.resume()
  await settle()
  expect(sent).toHaveLength(2)
  expect(sent[0]).toEqual(sent[1])
  expect(again.waiting.value).toEqual([])
})

it('without signal it waits and goes on by itself', async () => {
  const app = await started()
  answer = () => new app.Away()
  await app.uploads.add(CASE, WANTED, [paper('a.pdf')])
  await settle()
  expect([app.waiting.value[0]?.state, app.network.isOffline.value]).toEqual(['waiting', true])
  await vi.advanceTimersByTimeAsync(600000)
  expect(app.waiting.value[0]?.state).toBe('waiting')
  answer = ok
  app.network.answered()
  await settle()
  expect(app.waiting.value).toEqual([])
  expect(new Set(sent.map((one) => one.key)).size).toBe(1)
})

it('a server in trouble is tried five times, then the person decides', async () => {
  const app = await started()
  answer = () => refused(503)
  await app.uploads.add(CASE, WANTED, [paper('a.pdf')])
  await vi.advanceTimersByTimeAsync(300000)
  expect(sent).toHaveLength(5)
  const failed = app.waiting.value[0]
  expect(failed).toMatchObject({ state: 'failed', canRetry: true })
  answer = ok
  app.uploads.retry(failed?.id ?? '')
  await settle()
  expect(app.waiting.value).toEqual([])
})

it('bytes that the hall refuses are not sent again, and the sentence is the hall’s', async () => {
  const app = await started()
  answer = () => refused(422, 'upload.rejected')
  await app.uploads.add(CASE, WANTED, [paper('a.pdf')])
  await vi.advanceTimersByTimeAsync(300000)
  expect(sent).toHaveLength(1)
  expect(app.waiting.value[0]).toMatchObject({ state: 'failed', canRetry: false, problem: '这一份不行' })
  app.uploads.remove(app.waiting.value[0]?.id ?? '')
  expect([app.waiting.value.length, disk.size]).toEqual([0, 0])
})

it('a file that is too large is told before anything is sent; a photograph is shrunk first', async () => {
  const app = await started()
  await app.uploads.add(CASE, WANTED, [paper('a.pdf', 5000), { ...paper('b.jpg', 20000000), type: 'image/jpeg' }])
  await settle()
  expect(sent.map((one) => one.name)).toEqual(['b.jpg'])
  expect(app.waiting.value).toHaveLength(1)
  expect(app.waiting.value[0]?.problem).toContain('最大只能')
})

it('an ended session keeps the queue for after the new login', async () => {
  const app = await started()
  answer = () => refused(401, 'auth.required')
  await app.uploads.add(CASE, WANTED, [paper('a.pdf')])
  await settle()
  expect([app.session.isIn.value, app.waiting.value[0]?.state]).toEqual([false, 'waiting'])
  answer = ok
  app.session.begin('t2', 'citizen', '张伟')
  await settle()
  expect(app.waiting.value).toEqual([])
  expect(new Set(sent.map((one) => one.key)).size).toBe(1)
})

it('logging out leaves no file on the phone', async () => {
  const app = await started()
  answer = () => new app.Away()
  await app.uploads.add(CASE, WANTED, [paper('a.pdf')])
  await settle()
  app.session.end()
  await settle()
  expect([app.waiting.value.length, disk.size, storage.get('zt.draft.uploads')]).toEqual([0, 0, undefined])
})

it('another citizen on the same phone neither sees nor sends what was left', async () => {
  const app = await started()
  app.session.begin('t1', 'citizen', '张伟', 'acc_zhang')
  answer = () => refused(401, 'auth.required')
  await app.uploads.add(CASE, WANTED, [paper('a.pdf')])
  await settle()
  storage.set('zt.draft.declare', JSON.stringify({ name: '张伟' }))
  sent.length = 0
  answer = ok
  app.session.begin('t2', 'citizen', '李娜', 'acc_li')
  await settle()
  expect([sent.length, app.waiting.value.length, disk.size, storage.get('zt.draft.declare')]).toEqual([0, 0, 0, undefined])
})

it('a courier on the same phone sends nothing of a citizen', async () => {
  const app = await started()
  app.session.begin('t3', 'courier', '赵师傅')
  await app.uploads.add(CASE, WANTED, [paper('a.pdf')])
  await vi.advanceTimersByTimeAsync(60000)
  expect(sent).toEqual([])
})

it.each([
  ['refused', refused(401, 'auth.required')],
  ['taken', ok()],
])('an upload that is %s after somebody else came in another tab neither ends their session nor shows them the case', async (_how, late) => {
  const app = await started()
  app.session.begin('t1', 'citizen', '张伟', 'acc_zhang')
  answer = () => {
    storage.set('zt.session', JSON.stringify({ token: 't2', audience: 'citizen', name: '李娜', owner: 'acc_li' }))
    storage.set('zt.draft-owner', JSON.stringify('acc_li'))
    app.session.lookAgain()
    storage.set('zt.draft.uploads', 'theirs')
    return late
  }
  await app.uploads.add(CASE, WANTED, [paper('a.pdf')])
  await settle()
  expect([app.session.token(), app.uploads.latest.value, sent.length, storage.get('zt.draft.uploads')]).toEqual(['t2', null, 1, 'theirs'])
})
