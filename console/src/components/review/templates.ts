/** Sentences that a clerk may start from; each can be changed before it is sent. */
export const GAP_TEMPLATES = {
  materials: [
    '照片看不清，请在光线好的地方重新拍一张，四个角都要拍到。',
    '文件不完整，缺页，请上传全部页面。',
    '证件已过有效期，请上传有效期内的证件。',
    '文件内容与申请表不一致，请核对后重新上传。',
  ],
  form: ['与证件上的内容不一致，请按证件填写。', '填写不完整，请补充完整。', '号码有误，请核对后重新填写。'],
} as const

export const DECISION_TEMPLATES = {
  grant: ['申请材料齐全，符合法定形式，符合备案条件，准予备案。', '经审查，申请符合规定条件，准予备案。'],
  refuse: ['申请材料与实际情况不符，不符合备案条件。', '经营场所不符合规定要求，不予备案。'],
} as const

export const DECLINE_TEMPLATES = {
  not_required: ['您申请的事项依法不需要办理，可以直接经营。'],
  wrong_authority: ['这件事不归本机关办理，请向有权办理的机关申请：'],
} as const

export function gapTemplates(subject: string): readonly string[] {
  return subject.startsWith('materials.') ? GAP_TEMPLATES.materials : GAP_TEMPLATES.form
}
