/** The buttons of a case. Which of them are there is said by the server's `allowed_actions`; here is only how they look. */
export type DialogName = 'pass' | 'accept' | 'resume' | 'return' | 'pause' | 'decide' | 'decline_not_required' | 'decline_wrong_authority'

export interface CaseAction {
  dialog: DialogName
  label: string
  icon: string
  isPrimary: boolean
}

const BUTTONS: readonly (CaseAction & { when: readonly string[] })[] = [
  { when: ['pass'], dialog: 'pass', label: '预审通过', icon: 'check', isPrimary: true },
  { when: ['accept'], dialog: 'accept', label: '受理', icon: 'check', isPrimary: true },
  { when: ['grant', 'refuse'], dialog: 'decide', label: '作出决定', icon: 'seal', isPrimary: true },
  { when: ['resume'], dialog: 'resume', label: '恢复计时', icon: 'play', isPrimary: true },
  { when: ['return'], dialog: 'return', label: '一次性告知', icon: 'edit', isPrimary: false },
  { when: ['pause'], dialog: 'pause', label: '转特别程序', icon: 'pause', isPrimary: false },
  { when: ['decline_not_required'], dialog: 'decline_not_required', label: '不受理（无需办理）', icon: 'close', isPrimary: false },
  { when: ['decline_wrong_authority'], dialog: 'decline_wrong_authority', label: '不予受理（不归本机关）', icon: 'close', isPrimary: false },
]

export function actionsOf(allowed: readonly string[]): CaseAction[] {
  return BUTTONS.filter((button) => button.when.some((name) => allowed.includes(name)))
}

/** Actions that need one look and a confirmation, no text. */
export const CONFIRMATIONS = {
  pass: { title: '预审通过', action: '确认预审通过', text: '材料齐全、符合法定形式，进入受理环节。' },
  accept: { title: '受理', action: '确认受理', text: '受理后开始计算办理期限，并通知申请人。' },
  resume: { title: '恢复计时', action: '确认恢复', text: '特别程序结束，从今天起继续计算办理期限，并通知申请人。' },
} as const
