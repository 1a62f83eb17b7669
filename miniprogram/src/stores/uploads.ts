/** Files on their way to the hall. The queue and the files outlive the app: whatever was chosen is sent once, however often it is tried,
    because each chosen file keeps its own idempotency key. */
import { computed, ref, shallowRef, watch } from 'vue'
import { fill, headersFor, isOurs, newKey } from '@/api/client'
import { ApiError, Offline, explain } from '@/api/errors'
import { open } from '@/api/transport'
import type { Schemas } from '@/api/types'
import { platform, type LocalFile } from '@/platform'
import { mediaType, refusal } from './file_rules'
import { kept } from './kept'
import { network } from './network'
import { session } from './session'

export interface Upload {
  /** Also the idempotency key. */
  id: string
  caseId: string
  /** Of the material. */
  code: string
  accepts: string[]
  maxBytes: number
  file: LocalFile
  /** Shrunk and checked. */
  isReady: boolean
  state: 'waiting' | 'sending' | 'failed'
  percent: number
  /** Why it failed, as a sentence. */
  problem: string
  canRetry: boolean
  tries: number
}

/** Cleared at logout with the drafts. */
const SLOT = 'draft.uploads'
const PATH = '/api/citizen/cases/{case_id}/materials/{code}'
const PAUSES = [3000, 6000, 15000, 30000, 60000]
const MOST_TRIES = 5

const list = ref<Upload[]>((kept.get<Upload[]>(SLOT) ?? []).map((one) => (one.state === 'sending' ? { ...one, state: 'waiting', percent: 0 } : one)))
/** The case as it was answered to the last upload. */
const latest = shallowRef<Schemas['CaseView'] | null>(null)
let isRunning = false
let isPaused = false
let failures = 0
let timer: ReturnType<typeof setTimeout> | undefined

function persist(): void {
  // A refused file was never kept, so its sentence ends with the app.
  kept.set(SLOT, list.value.filter((one) => one.state !== 'failed' || one.canRetry))
}

function change(id: string, part: Partial<Upload>): void {
  list.value = list.value.map((one) => (one.id === id ? { ...one, ...part } : one))
  if (!('percent' in part && Object.keys(part).length === 1)) persist()
}

function forget(one: Upload): void {
  list.value = list.value.filter((other) => other.id !== one.id)
  persist()
  void platform.dropFile(one.file)
}

/** Send what waits, one after the other. */
async function pump(): Promise<void> {
  if (isRunning) return
  isRunning = true
  try {
    for (let next = due(); next; next = due()) await attempt(next)
  } finally {
    isRunning = false
  }
}

/** By a timer, not by comparing times: a phone's clock may jump. */
function pause(milliseconds: number): void {
  isPaused = true
  clearTimeout(timer)
  timer = setTimeout(goOn, milliseconds)
}

function goOn(): void {
  clearTimeout(timer)
  isPaused = false
  void pump()
}

function due(): Upload | undefined {
  if (session.audience.value !== 'citizen' || isPaused) return undefined
  return list.value.find((one) => one.state === 'waiting')
}

const isListed = (one: Upload): boolean => list.value.some((other) => other.id === one.id)

async function attempt(one: Upload): Promise<void> {
  const url = fill(PATH, { case_id: one.caseId, code: one.code })
  const headers = headersFor(one.id)
  try {
    const file = await ready(one)
    if (!file || !isListed(one)) return
    change(one.id, { state: 'sending', percent: 0, problem: '' })
    const sent = await platform.upload(url, 'file', file, headers, (percent) => change(one.id, { percent }))
    // Somebody else has logged in meanwhile: the answer is not for them.
    if (!isListed(one)) return
    latest.value = open({ status: sent.status, data: parsed(sent.body), headers: sent.headers }) as Schemas['CaseView']
    network.answered()
    failures = 0
    forget(one)
  } catch (error) {
    if (error instanceof ApiError && error.status === 401 && isOurs(url, headers)) session.expire()
    const now = list.value.find((other) => other.id === one.id)
    if (now) fail(now, error)
  }
}

/** The file as it will be sent; null when it cannot be, which is then told. */
async function ready(one: Upload): Promise<LocalFile | null> {
  const found = await platform.keptFile(one.file)
  if (!found) return refuse(one, '这个文件在手机里找不到了，请重新选择。')
  if (one.isReady) return found
  const shrunk = await platform.shrink(found, one.maxBytes)
  const problem = refusal(shrunk, one.accepts, one.maxBytes, true)
  if (problem) return refuse(one, problem)
  const file = shrunk === found ? one.file : await platform.keepFile(one.id, shrunk)
  change(one.id, { file, isReady: true })
  return platform.keptFile(file)
}

function refuse(one: Upload, problem: string): null {
  change(one.id, { state: 'failed', problem, canRetry: false })
  void platform.dropFile(one.file)
  return null
}

function fail(one: Upload, error: unknown): void {
  const status = error instanceof ApiError ? error.status : 0
  if (status === 401) {
    change(one.id, { state: 'waiting', percent: 0 })
    return
  }
  const isBusy = status === 429 || status >= 500 || (error instanceof ApiError && error.code === 'request.conflict')
  const tries = one.tries + (isBusy ? 1 : 0)
  if (error instanceof Offline || (isBusy && tries < MOST_TRIES)) {
    if (error instanceof Offline) network.failed()
    const asked = error instanceof ApiError ? error.retryAfter * 1000 : 0
    pause(Math.max(asked, PAUSES[Math.min(failures, PAUSES.length - 1)] as number))
    failures += 1
    change(one.id, { state: 'waiting', percent: 0, tries })
    return
  }
  const words = error instanceof ApiError ? (error.fields.file ?? error.message) : explain(error).text
  // The bytes themselves were refused: the same again cannot help.
  const canRetry = ![413, 415, 422].includes(status)
  change(one.id, { state: 'failed', percent: 0, problem: words, canRetry, tries: 0 })
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

watch(network.isOffline, (isOffline) => !isOffline && goOn())
watch(session.isIn, (isIn) => {
  if (isIn) return goOn()
  // Logged out on purpose: nothing of this person stays on the phone.
  if (kept.get(SLOT) === null) forgetAll()
})
// Somebody else has logged in: at once, before anything is sent in the wrong name.
watch(session.forgotten, forgetAll, { flush: 'sync' })

function forgetAll(): void {
  for (const one of list.value) void platform.dropFile(one.file)
  list.value = []
  latest.value = null
}

export const uploads = {
  latest,
  of: (caseId: () => string) => computed(() => list.value.filter((one) => one.caseId === caseId())),
  /** Go on with what an earlier run of the app left. */
  resume: goOn,
  async add(caseId: string, wanted: { code: string; accepts: string[]; max_bytes: number }, files: LocalFile[]): Promise<void> {
    for (const chosen of files) {
      const file = { ...chosen, type: mediaType(chosen) }
      const problem = refusal(file, wanted.accepts, wanted.max_bytes, false)
      const id = newKey()
      const one: Upload = {
        id,
        caseId,
        code: wanted.code,
        accepts: wanted.accepts,
        maxBytes: wanted.max_bytes,
        file: problem ? { path: '', name: file.name, size: file.size, type: file.type } : await platform.keepFile(id, file),
        isReady: false,
        state: problem ? 'failed' : 'waiting',
        percent: 0,
        problem,
        canRetry: false,
        tries: 0,
      }
      list.value = [...list.value, one]
      persist()
    }
    void pump()
  },
  retry(id: string): void {
    change(id, { state: 'waiting', problem: '', tries: 0 })
    goOn()
  },
  remove(id: string): void {
    const one = list.value.find((other) => other.id === id)
    if (one && one.state !== 'sending') forget(one)
  },
}
