/** What a clerk looks at when somebody's identity is to be settled without a face check, in words. */
export const VIDEO_DOCUMENTS = [
  { key: 'resident_id_card', label: '居民身份证' },
  { key: 'temporary_id_card', label: '临时身份证' },
  { key: 'hmt_residence_permit', label: '港澳台居民居住证' },
  { key: 'permanent_residence_card', label: '外国人永久居留身份证' },
] as const

export const VIDEO_CHECKS = [
  { key: 'document_genuine', label: '证件是真的', hint: '请对方慢慢倾斜证件，看防伪图案会不会变。' },
  { key: 'holder_matches_photo', label: '人和照片是同一个人', hint: '请对方摘下口罩、帽子，把证件举到脸旁。' },
  { key: 'number_matches_account', label: '姓名和号码与上面一致', hint: '请对方念一遍，逐位核对。' },
  { key: 'moves_when_asked', label: '是真人在镜头前', hint: '临时请对方做个动作，比如摸一下左耳。' },
  { key: 'is_alone', label: '只有本人，没有人在旁边指使', hint: '请对方转一圈镜头，问一问是不是自己要办。' },
] as const

export const VIDEO_REFUSALS = [
  { key: 'picture_too_bad', label: '画面看不清' },
  { key: 'no_document', label: '没有带证件原件' },
  { key: 'other_person', label: '人和证件对不上' },
  { key: 'forged_document', label: '证件可能是假的' },
  { key: 'under_pressure', label: '可能有人在旁边强迫' },
] as const

export const RELATIONS: Record<string, string> = {
  parent: '父母',
  grandparent: '祖父母、外祖父母',
  sibling: '兄姐',
  appointed: '指定的监护人',
}

export const GUARDIAN_DOCUMENTS = [
  { key: 'household_register', label: '户口簿' },
  { key: 'birth_certificate', label: '出生医学证明' },
  { key: 'court_ruling', label: '法院判决或裁定' },
  { key: 'appointment_of_guardian', label: '指定监护人的文书' },
] as const

export const GUARDIAN_CHECKS = [
  { key: 'guardian_present', label: '监护人本人到场', hint: '与身份证比对，姓名和号码与上面一致。' },
  { key: 'ward_matches', label: '孩子的证件与上面一致', hint: '姓名和号码逐位核对。' },
  { key: 'document_genuine', label: '证明材料是真的', hint: '看原件，不收复印件。' },
  { key: 'relation_shown', label: '材料写明了监护关系', hint: '和登记的关系一致。' },
] as const

export const GUARDIAN_REFUSALS = [
  { key: 'document_doubtful', label: '证明材料不真实或看不清' },
  { key: 'relation_not_shown', label: '材料证明不了监护关系' },
  { key: 'facts_differ', label: '姓名或号码对不上' },
  { key: 'declared_by_mistake', label: '当事人说登记错了' },
] as const

export const PROOF_DOUBTS = [
  { key: 'at_own_wish', label: '本人要求撤销' },
  { key: 'another_person', label: '核验的不是本人' },
  { key: 'forged_document', label: '当时用的证件是假的' },
  { key: 'stolen_account', label: '账号被别人拿走了' },
] as const

export const LOOK_REASONS = [
  { key: 'dispute', label: '当事人有争议' },
  { key: 'complaint', label: '处理投诉' },
  { key: 'court_order', label: '法院要求' },
] as const
