/** A place in the video queue, as this phone remembers it, and waiting in the words of somebody who waits. */
import { kept } from '@/stores/kept'
import type { Schemas } from '@/api/types'

export type VideoCheck = Schemas['VideoCheckView']

/** Where this phone is queueing, for which case. The hall knows the rest. */
interface Place {
  id: string
  case: string
}
const SLOT = 'video'

export const placeOf = (caseId: string): string | null => {
  const place = kept.get<Place>(SLOT)
  return place?.case === caseId ? place.id : null
}
/** For whichever case: there is one place at a time. */
export const anyPlace = (): Place | null => kept.get<Place>(SLOT)
export const keepPlace = (id: string, caseId: string): void => kept.set(SLOT, { id, case: caseId } satisfies Place)
export const dropPlace = (): void => kept.drop(SLOT)

export const isOver = (check: VideoCheck): boolean => check.state === 'decided' || check.state === 'abandoned'

/** 前面没有人，下一个就是您 / 前面还有 2 位. */
export const aheadText = (position: number): string => (position <= 1 ? '下一个就是您' : `前面还有 ${position - 1} 位`)

/** Rounded up: nobody is angry at being called early. */
export function waitText(seconds: number | null): string {
  if (seconds === null) return ''
  if (seconds <= 60) return '大约再等 1 分钟'
  if (seconds >= 5400) return `大约再等 ${Math.ceil(seconds / 3600)} 小时，也可以改约窗口`
  return `大约再等 ${Math.ceil(seconds / 60)} 分钟`
}
