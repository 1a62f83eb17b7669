import { expect, it } from 'vitest'
import { codeIn, invitationText, isCode } from '@/packages/apply/invitations'

const CODE = 'ylq96lGnlIDY4JOpJl1g9a0q'

it.each([
  CODE,
  ` ${CODE.slice(0, 8)} ${CODE.slice(8)} `,
  `https://hall.example/m/#/packages/apply/join?code=${CODE}`,
  `邀请码：${CODE}`,
  invitationText('小餐饮食品经营备案', CODE, ''),
  invitationText('小餐饮食品经营备案', CODE, `http://localhost/m/#/packages/apply/join?code=${CODE}`),
])('the code is found in %s', (pasted) => {
  expect(codeIn(pasted)).toBe(CODE)
  expect(isCode(codeIn(pasted))).toBe(true)
})

it('a text without a code is told apart', () => {
  expect(isCode(codeIn('你好，一起签名吧'))).toBe(false)
})
