import type { RouteReport } from '@/api/types'

/** Share of accepted among the started verifications, in words. */
export function shareText(route: Pick<RouteReport, 'accepted' | 'started'>): string {
  return route.started > 0 ? `${Math.round((route.accepted / route.started) * 100)}%` : '暂无数据'
}

/** A middle time in the unit that people would use. */
export function waitText(seconds: number | null): string {
  if (seconds === null) return '暂无数据'
  if (seconds < 90) return `${Math.round(seconds)} 秒`
  if (seconds < 5400) return `${Math.round(seconds / 60)} 分钟`
  return `${Math.round(seconds / 360) / 10} 小时`
}

/** A share from 0 to 1. */
export function percentText(share: number | null): string {
  return share === null ? '暂无数据' : `${Math.round(share * 100)}%`
}
