/** Names for roles and for what an account may do. */
export const ROLES = [
  { key: 'clerk', label: '窗口工作人员' },
  { key: 'supervisor', label: '监督人员' },
  { key: 'admin', label: '管理员' },
  { key: 'enterprise', label: '企业经办人' },
] as const
export type Role = (typeof ROLES)[number]['key']

export const PERMISSIONS = [
  { key: 'case.prereview', label: '预审' },
  { key: 'case.accept', label: '受理' },
  { key: 'case.decide', label: '作出决定' },
  { key: 'case.any_office', label: '查看其他大厅的办件' },
  { key: 'parcel.hand_over', label: '出件' },
  { key: 'appointment.serve', label: '窗口接待' },
  { key: 'identity.counter', label: '窗口核验身份' },
  { key: 'licence.revoke', label: '暂停、撤销证照' },
  { key: 'feedback.handle', label: '处理差评' },
] as const

export const roleText = (role: string): string => ROLES.find((entry) => entry.key === role)?.label ?? role
export const permissionText = (permission: string): string => PERMISSIONS.find((entry) => entry.key === permission)?.label ?? permission
