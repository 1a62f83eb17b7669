/** The face check for one matter as a page needs it: one press starts it, and every way it can end is a state with words. */
import { onUnmounted, ref } from 'vue'
import { ApiError } from '@/api/errors'
import { platform } from '@/platform'
import type { FrontCamera } from '@/platform/front_camera'
import type { Verification } from '@/stores/proof'
import { session } from '@/stores/session'
import { record } from './capture/clip_recorder'
import { capture, type Break, type Prompt } from './capture/stream_client'
import { clipTypeOf, lineAddress, wayOf } from './capture/ways'
import { breakWords, hintWords } from './capture/words'
import type { Matter } from './matter'
import { useStanding, type OtherPages } from './useStanding'
import { askClip, begin, settled, submitClip } from './verification'

/** The hall is full for a moment: asked again by itself, so often. */
const BUSY_TURNS = 3
const MANY_WAIT = '前面还有人在核验，请稍等，马上就到您'

export interface Ways extends OtherPages {
  /** Opens the camera; null when it could not, which the page then says. */
  open: () => Promise<FrontCamera | null>
  close: () => void
}

class Broken extends Error {
  constructor(readonly why: Break) {
    super(why)
  }
}

export function useFaceCheck(ways: Ways) {
  const standing = useStanding(ways)
  const stage = ref<'idle' | 'starting' | 'live' | 'judging'>('idle')
  const prompt = ref<Prompt | null>(null)
  const hint = ref('')
  /** How many movements were seen. */
  const done = ref(0)
  const notice = ref('')
  let stopRunning: () => void = () => undefined
  let isStopped = false
  let why: Break = 'stopped'
  let isLineShut = false
  onUnmounted(stop)

  /** Another page or another program is in front: what was being taken is thrown away. */
  function stop(): void {
    isStopped = true
    stopRunning()
  }

  /** The phone took the camera away. */
  function lost(): void {
    why = 'camera'
    stop()
  }

  function shows(one: Prompt): void {
    stage.value = 'live'
    prompt.value = one
    notice.value = ''
    if (one.step > done.value + 1) done.value = one.step - 1
  }

  /** One capture over the line. ApiError for a refusal, Broken without a verdict that counted. */
  async function stream(check: Verification, camera: FrontCamera): Promise<Verification> {
    const { limits } = check
    const running = capture<Verification>({
      connect: () => new WebSocket(lineAddress(location, limits.stream)) as never,
      hello: { token: session.token(), verification_id: check.id, nonce: check.nonce ?? '', mirrored: false },
      key: check.key ?? '',
      fps: limits.fps,
      subtle: crypto.subtle,
      // A phone is held upright: the shorter side of the asked picture is its width.
      shoot: () => camera.shoot({ width: Math.min(limits.width, limits.height), height: Math.max(limits.width, limits.height), quality: limits.jpeg_quality / 100 }),
      onPrompt: shows,
      onDone: (step) => {
        done.value = step
        platform.vibrate()
      },
      onHint: (code, text) => {
        hint.value = hintWords(code, text)
      },
      onJudging: judging,
    })
    stopRunning = running.stop
    const ending = await running.ended
    if (ending.kind === 'verdict') return ending.verification
    if (ending.kind === 'refused') {
      const status = ending.code === 'auth.required' ? 401 : ending.retryAfter ? 503 : 409
      throw new ApiError(status, ending.code, ending.message, {}, '', ending.retryAfter)
    }
    throw new Broken(ending.why === 'stopped' ? why : ending.why)
  }

  async function clip(check: Verification, camera: FrontCamera): Promise<Verification> {
    const type = clipTypeOf(globalThis as never, check.limits.clip_types)
    if (!type || !camera.stream) throw new Broken('unreachable')
    const asked = await askClip(check.id)
    const recording = record(camera.stream, { ...asked, type, onPrompt: shows })
    stopRunning = recording.stop
    const taken = await recording.done
    if (!taken) throw new Broken(isStopped ? why : 'camera')
    judging()
    return submitClip(check.id, asked.nonce, taken)
  }

  function judging(): void {
    stage.value = 'judging'
    prompt.value = null
    hint.value = ''
    ways.close()
  }

  async function taken(check: Verification, camera: FrontCamera): Promise<Verification> {
    for (let turn = 1; ; turn += 1) {
      if (isStopped) throw new Broken(why)
      const way = wayOf(globalThis as never, check.limits.clip_types, isLineShut)
      try {
        return await (way === 'stream' ? stream(check, camera) : clip(check, camera))
      } catch (error) {
        if (error instanceof Broken && error.why === 'unreachable' && !isLineShut && navigator.onLine) {
          // This network lets no line through: from now on a clip is recorded instead.
          isLineShut = true
        } else if (error instanceof ApiError && error.retryAfter > 0 && error.retryAfter <= 10 && turn < BUSY_TURNS) {
          stage.value = 'starting'
          notice.value = MANY_WAIT
          await new Promise((resolve) => setTimeout(resolve, error.retryAfter * 1000))
          check = await settled(check.id)
        } else throw error
      }
    }
  }

  async function run(matter: Matter, consentVersion: string): Promise<void> {
    if (stage.value !== 'idle') return
    stage.value = 'starting'
    standing.begins()
    notice.value = hint.value = ''
    prompt.value = null
    done.value = 0
    isStopped = false
    why = 'stopped'
    let check: Verification | null = null
    try {
      const camera = await ways.open()
      if (!camera || isStopped) return
      check = await begin(matter, consentVersion)
      if (check.nonce && check.key) check = await taken(check, camera)
      standing.concludes(check)
    } catch (error) {
      if (standing.refused(error)) return
      standing.problem.value = breakWords(error instanceof Broken ? error.why : 'camera')
      // The hall may have counted what broke off.
      if (check) standing.concludes((await settled(check.id).catch(() => null)) ?? standing.last.value)
    } finally {
      stopRunning = () => undefined
      ways.close()
      stage.value = 'idle'
    }
  }

  return { ...standing, stage, prompt, hint, done, notice, run, stop, lost }
}
