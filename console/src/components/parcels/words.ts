/** Names for the codes in a custody chain. A code that is not here is shown as it is. */
const KINDS: Record<string, string> = {
  open: '建立快件',
  record_order: '快递公司接单',
  cancel: '取消寄送',
  offer_handoff: '窗口出示交接码',
  accept_handoff: '快递员扫码接收',
  start_delivery: '开始派送',
  deliver: '凭取件码交付',
  report_failure: '没能交付',
  carrier_delivered: '快递公司报告送达',
  confirm_receipt: '本人确认收到',
  carrier_returned: '快递公司退回',
  record_loss: '登记丢失',
  carrier_report: '快递公司轨迹',
  pickup_code_renewed: '本人更换取件码',
  pickup_code_wrong: '取件码输错',
  pickup_unlocked: '解锁取件码',
}
const GRADES: Record<string, string> = {
  signed_code: '扫描了签名交接码',
  pickup_code: '核对了取件码',
  recipient: '本人确认',
  carrier: '快递公司报告',
  internal: '大厅记录',
}
const ACTORS: Record<string, string> = {
  citizen: '申请人',
  courier: '快递员',
  clerk: '窗口工作人员',
  admin: '管理员',
  supervisor: '监督人员',
  enterprise: '企业经办人',
  relying_party: '企业的程序',
  carrier: '快递公司',
  system: '系统',
}
const CARRIERS: Record<string, string> = { ems: '邮政 EMS', sf: '顺丰' }

export const kindText = (kind: string): string => KINDS[kind] ?? kind
export const gradeText = (grade: string): string => GRADES[grade] ?? grade
export const actorText = (kind: string): string => ACTORS[kind] ?? kind
export const carrierText = (carrier: string): string => CARRIERS[carrier] ?? carrier.toUpperCase()
