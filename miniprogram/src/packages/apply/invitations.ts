/** Passing an invitation on, and finding the code in whatever the other person pastes. */

import { plain as plainText } from '@/stores/navigation'

const PAGE = '/packages/apply/join'
const CODE = /^[A-Za-z0-9_-]{8,64}$/

/** The address of the page that accepts the invitation; a mini-program has none (there the card itself is shared). */
export function linkTo(code: string): string {
  let link = ''
  // #ifdef H5
  link = `${location.origin}${location.pathname}#${PAGE}?code=${encodeURIComponent(code)}`
  // #endif
  return link
}

export const cardOf = (title: string, code: string) => ({ title: `请您一起签署“${title}”`, path: `${PAGE}?code=${encodeURIComponent(code)}` })

export function invitationText(title: string, code: string, link: string): string {
  const way = link ? `打开 ${link} 就能接受；` : ''
  return `请您在“零跑办”上一起签署“${title}”的承诺书，各自在手机上签，不用见面。${way}也可以在零跑办首页点“接受签署邀请”，填邀请码：${code}`
}

/** The code in a link, in a whole message or alone; what was typed when there is none. */
export function codeIn(text: string): string {
  const plain = text.trim()
  const linked = /[?&]code=([A-Za-z0-9_%-]{8,})/.exec(plain)?.[1]
  if (linked) return plainText(linked)
  const said = /邀请码[：:\s]*([A-Za-z0-9_-]{8,64})/.exec(plain)?.[1]
  return said ?? plain.replace(/\s/g, '')
}

export const isCode = (text: string): boolean => CODE.test(text)
