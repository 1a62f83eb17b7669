import { createRouter, createWebHashHistory, type RouteLocationRaw, type RouteRecordRaw } from 'vue-router'

import { noteMove } from '@/router/focus'
import { onExpired, session } from '@/stores/session'

declare module 'vue-router' {
  interface RouteMeta {
    role?: 'clerk' | 'admin' | 'supervisor' | 'enterprise'
    isPublic?: boolean
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/', redirect: () => home() },
  { path: '/sign-in', component: () => import('@/pages/SignInPage.vue'), meta: { isPublic: true } },
  { path: '/clerk/cases', component: () => import('@/pages/clerk/QueuePage.vue'), meta: { role: 'clerk' } },
  { path: '/clerk/cases/:id', component: () => import('@/pages/clerk/ReviewPage.vue'), meta: { role: 'clerk' } },
  { path: '/clerk/parcels', component: () => import('@/pages/clerk/ParcelsPage.vue'), meta: { role: 'clerk' } },
  { path: '/clerk/parcels/:id', component: () => import('@/pages/clerk/ParcelPage.vue'), meta: { role: 'clerk' } },
  { path: '/clerk/counter', component: () => import('@/pages/clerk/CounterPage.vue'), meta: { role: 'clerk' } },
  { path: '/clerk/ratings', component: () => import('@/pages/clerk/RatingsPage.vue'), meta: { role: 'clerk' } },
  { path: '/clerk/video', component: () => import('@/pages/clerk/VideoPage.vue'), meta: { role: 'clerk' } },
  { path: '/clerk/guardianships', component: () => import('@/pages/clerk/GuardianshipsPage.vue'), meta: { role: 'clerk' } },
  { path: '/supervisor/pictures', component: () => import('@/pages/supervisor/PicturesPage.vue'), meta: { role: 'supervisor' } },
  { path: '/clerk/licences', component: () => import('@/pages/clerk/LicencesPage.vue'), meta: { role: 'clerk' } },
  { path: '/admin/staff', component: () => import('@/pages/admin/StaffPage.vue'), meta: { role: 'admin' } },
  { path: '/admin/couriers', component: () => import('@/pages/admin/CouriersPage.vue'), meta: { role: 'admin' } },
  { path: '/admin/items', component: () => import('@/pages/admin/ItemsPage.vue'), meta: { role: 'admin' } },
  { path: '/admin/relying-parties', component: () => import('@/pages/admin/RelyingPartiesPage.vue'), meta: { role: 'admin' } },
  { path: '/admin/outbox', component: () => import('@/pages/admin/OutboxPage.vue'), meta: { role: 'admin' } },
  { path: '/supervisor/chains', component: () => import('@/pages/supervisor/ChainsPage.vue'), meta: { role: 'supervisor' } },
  { path: '/supervisor/routes', component: () => import('@/pages/supervisor/RoutesPage.vue'), meta: { role: 'supervisor' } },
  { path: '/enterprise', redirect: '/enterprise/account' },
  { path: '/enterprise/account', component: () => import('@/pages/enterprise/AccountPage.vue'), meta: { role: 'enterprise' } },
  { path: '/enterprise/verifications', component: () => import('@/pages/enterprise/VerificationsPage.vue'), meta: { role: 'enterprise' } },
  { path: '/enterprise/verifications/:id', component: () => import('@/pages/enterprise/VerificationPage.vue'), meta: { role: 'enterprise' } },
  { path: '/enterprise/batches', component: () => import('@/pages/enterprise/BatchesPage.vue'), meta: { role: 'enterprise' } },
  { path: '/enterprise/batches/new', component: () => import('@/pages/enterprise/NewBatchPage.vue'), meta: { role: 'enterprise' } },
  { path: '/enterprise/batches/:id', component: () => import('@/pages/enterprise/BatchPage.vue'), meta: { role: 'enterprise' } },
  { path: '/enterprise/keys', component: () => import('@/pages/enterprise/KeysPage.vue'), meta: { role: 'enterprise' } },
  { path: '/enterprise/webhooks', component: () => import('@/pages/enterprise/WebhooksPage.vue'), meta: { role: 'enterprise' } },
  { path: '/enterprise/webhooks/:id', component: () => import('@/pages/enterprise/DeliveriesPage.vue'), meta: { role: 'enterprise' } },
  { path: '/enterprise/usage', component: () => import('@/pages/enterprise/UsagePage.vue'), meta: { role: 'enterprise' } },
  { path: '/:rest(.*)*', component: () => import('@/pages/NotFoundPage.vue') },
]

const FIRST_PAGES: Record<string, string> = {
  admin: '/admin/staff',
  supervisor: '/supervisor/chains',
  enterprise: '/enterprise/account',
}

/** Where a reader starts: the first page of their role, for clerks the first one that their permissions open. */
export function home(): string {
  const profile = session.profile
  if (!profile) return '/sign-in'
  if (profile.role !== 'clerk') return FIRST_PAGES[profile.role] ?? '/sign-in'
  const has = (start: string) => profile.permissions.some((permission) => permission.startsWith(start))
  if (has('case.')) return '/clerk/cases'
  if (has('parcel.')) return '/clerk/parcels'
  if (has('appointment.')) return '/clerk/counter'
  if (has('feedback.')) return '/clerk/ratings'
  return '/clerk/licences'
}

export const router = createRouter({ history: createWebHashHistory('/console/'), routes })

router.beforeEach((to): RouteLocationRaw | true => {
  if (to.meta.isPublic) return session.profile ? backFrom(to.query.back) : true
  if (!session.profile) return { path: '/sign-in', query: to.path === '/' ? {} : { back: to.fullPath } }
  if (to.meta.role && to.meta.role !== session.profile.role) return home()
  return true
})
router.afterEach(noteMove)

/** The page to go to after signing in: only one of ours, never an address from outside. */
export function backFrom(value: unknown): string {
  return typeof value === 'string' && value.startsWith('/') && !value.startsWith('//') && !value.startsWith('/sign-in') ? value : home()
}

onExpired(() => {
  const { fullPath, meta } = router.currentRoute.value
  if (!meta.isPublic) void router.replace({ path: '/sign-in', query: { back: fullPath } })
})
