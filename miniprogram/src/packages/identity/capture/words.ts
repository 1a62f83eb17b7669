/** What the phone says during a capture: one short sentence that can be read at arm's length, for every code it may be told. */
import type { Explained } from '@/api/errors'
import type { Action, Break } from './stream_client'

/** The hall's hints; one that is not here is said in the hall's own words. */
const HINTS: Record<string, string> = {
  NO_FACE: '把脸放进圈里',
  MANY_FACES: '请只留您一个人在镜头前',
  FACE_TOO_SMALL: '再靠近一点',
  TOO_DARK: '太暗了，换个亮的地方',
  TOO_BRIGHT: '太亮了，避开灯光和太阳',
  BLURRED: '有点糊，擦擦镜头，拿稳手机',
}
export const hintWords = (code: string | null, text: string): string => (code === null ? '' : (HINTS[code] ?? text))

/** Seen in a mirror, one's own left is on the left. */
const ARROWS: Partial<Record<Action, string>> = { turn_left: '←', turn_right: '→', nod: '↓' }
export const arrowOf = (action: Action): string => ARROWS[action] ?? ''

const AGAIN = '您填的内容都还在，再来一次就好。'
const BREAKS: Record<Break, Explained> = {
  unreachable: { title: '这里的网络不让边拍边传', text: '请换一个网络（比如关掉无线网，用手机流量）再试一次，或者预约窗口办理。', canRetry: false },
  lost: { title: '网络断了一下，没有拍完', text: `请到信号好的地方。${AGAIN}`, canRetry: false },
  silent: { title: '等了一会儿没有回音', text: `系统可能正忙。${AGAIN}`, canRetry: false },
  slow: { title: '网络有点慢，画面传不过去', text: `请换到信号好的地方。${AGAIN}`, canRetry: false },
  camera: { title: '摄像头被打断了', text: `可能来了电话，或者别的程序用了摄像头。${AGAIN}`, canRetry: false },
  stopped: { title: '刚才离开了一下，没有拍完', text: AGAIN, canRetry: false },
}
export const breakWords = (why: Break): Explained => BREAKS[why]

/** What will be asked, shown before anything is asked. */
export const MOVEMENTS: { action: Action; name: string }[] = [
  { action: 'blink', name: '眨眼' },
  { action: 'mouth', name: '张嘴' },
  { action: 'nod', name: '点头' },
  { action: 'turn_left', name: '转头' },
]
