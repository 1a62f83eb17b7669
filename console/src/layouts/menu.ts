import type { StaffProfile } from '@/api/types'

export interface MenuEntry {
  to: string
  label: string
  icon: string
}

interface Rule extends MenuEntry {
  role: string
  /** Any permission that begins so; none needed when absent. */
  needs?: string
}

const ENTRIES: readonly Rule[] = [
  { role: 'clerk', to: '/clerk/cases', label: '办件', icon: 'case', needs: 'case.' },
  { role: 'clerk', to: '/clerk/parcels', label: '出件', icon: 'parcel', needs: 'parcel.' },
  { role: 'clerk', to: '/clerk/counter', label: '窗口', icon: 'calendar', needs: 'appointment.' },
  { role: 'clerk', to: '/clerk/video', label: '视频', icon: 'camera', needs: 'identity.' },
  { role: 'clerk', to: '/clerk/guardianships', label: '监护', icon: 'family', needs: 'identity.' },
  { role: 'clerk', to: '/clerk/ratings', label: '整改', icon: 'message', needs: 'feedback.' },
  { role: 'clerk', to: '/clerk/licences', label: '证照', icon: 'licence' },
  { role: 'admin', to: '/admin/staff', label: '人员', icon: 'users' },
  { role: 'admin', to: '/admin/couriers', label: '快递员', icon: 'truck' },
  { role: 'admin', to: '/admin/items', label: '事项', icon: 'list' },
  { role: 'admin', to: '/admin/relying-parties', label: '企业', icon: 'building' },
  { role: 'admin', to: '/admin/outbox', label: '待重发', icon: 'retry' },
  { role: 'supervisor', to: '/supervisor/chains', label: '留痕核验', icon: 'chain' },
  { role: 'supervisor', to: '/supervisor/routes', label: '核验方式', icon: 'scan' },
  { role: 'supervisor', to: '/supervisor/pictures', label: '核验照片', icon: 'image' },
  { role: 'enterprise', to: '/enterprise/account', label: '企业', icon: 'building' },
  { role: 'enterprise', to: '/enterprise/verifications', label: '核验', icon: 'shield' },
  { role: 'enterprise', to: '/enterprise/batches', label: '批量', icon: 'users' },
  { role: 'enterprise', to: '/enterprise/keys', label: '密钥', icon: 'key' },
  { role: 'enterprise', to: '/enterprise/webhooks', label: '通知', icon: 'bell' },
  { role: 'enterprise', to: '/enterprise/usage', label: '用量', icon: 'list' },
]

/** The pages that this person can use. The server checks every call again. */
export function menuOf(profile: Pick<StaffProfile, 'role' | 'permissions'>): MenuEntry[] {
  return ENTRIES.filter(
    (entry) =>
      entry.role === profile.role && (!entry.needs || profile.permissions.some((permission) => permission.startsWith(entry.needs ?? ''))),
  )
}
