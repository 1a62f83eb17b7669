/** What to tell when signing must go another way round. */
export interface Notice {
  title: string
  text: string
}

export const NOTICES = {
  changed: { title: '承诺书更新过了', text: '内容有改动，请把新的承诺书再看一遍，然后签名。' },
  prove_again: { title: '请再核验一次身份', text: '核验只在十来分钟内有效，现在过了时间。您写好的签名还在，核验完回来点一下确认就行。' },
  read_again: { title: '请再看一会儿', text: '承诺书有法律效力，请把每一页看清楚。您写好的签名还在。' },
} satisfies Record<string, Notice>
