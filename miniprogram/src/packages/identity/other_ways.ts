/** The ways to prove who one is without the face, as buttons: which there are is the hall's to say. */
import type { Schemas } from '@/api/types'

export type OtherRoute = Schemas['OtherRoute']

export interface Way {
  icon: string
  /** As a button says it. */
  label: string
  page: string
}

const WAYS: Record<string, Way> = {
  video_check: { icon: 'users', label: '不刷脸，视频核验', page: '/packages/identity/video' },
  ukey: { icon: 'key', label: '不刷脸，U 盾核验', page: '/packages/identity/ukey' },
  book_counter: { icon: 'building', label: '不刷脸，预约窗口办理', page: '/packages/identity/counter' },
}

/** Those that this client has a page for. */
export const waysOf = (routes: readonly OtherRoute[]): { route: OtherRoute; way: Way }[] =>
  routes.flatMap((route) => {
    const way = WAYS[route.code]
    return way ? [{ route, way }] : []
  })
