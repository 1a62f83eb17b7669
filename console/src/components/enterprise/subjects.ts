/** The people of a batch as they are typed, pasted or read from a table; what is plainly wrong is said before anything is sent. */
import { ROLES, type SubjectRole } from '@/components/enterprise/words'

export interface Subject {
  name: string
  number: string
  role: SubjectRole
}
export interface Wrong {
  name?: string
  number?: string
}
export interface Reading {
  rows: Subject[]
  /** `line` counts from 1, as the table shows it. */
  wrong: { line: number; text: string }[]
}

export const MOST_SUBJECTS = 100
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const CHECKS = '10X98765432'
const TITLES = { name: ['姓名', '名字', 'name'], number: ['身份证号码', '身份证号', '身份证', '证件号码', '证件号', 'document_number'], role: ['身份', '角色', 'role'] }
const ROLE_WORDS: Record<string, SubjectRole> = {
  '': 'shareholder',
  股东: 'shareholder',
  shareholder: 'shareholder',
  法定代表人: 'legal_person',
  法人代表: 'legal_person',
  法人: 'legal_person',
  legal_person: 'legal_person',
}

export const emptySubject = (): Subject => ({ name: '', number: '', role: 'shareholder' })
export const isBlank = (row: Subject): boolean => !row.name.trim() && !row.number.trim()

/** Full-width figures, blanks and a small x are put right, as the server does. */
export const cleanNumber = (text: string): string => text.normalize('NFKC').replace(/\s/g, '').toUpperCase()

/** Whether the check digit of an 18-digit number is right (GB 11643-1999); other kinds of number are left to the server. */
export function isRightNumber(text: string): boolean {
  const number = cleanNumber(text)
  if (!/^\d{17}[\dX]$/.test(number)) return /^[A-Z]{3}\d{12}$/.test(number)
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(number[place]), 0)
  return CHECKS[sum % 11] === number[17]
}

export function wrongIn(row: Subject): Wrong {
  const wrong: Wrong = {}
  if (!row.name.trim()) wrong.name = '请填写姓名。'
  const number = cleanNumber(row.number)
  if (!number) wrong.number = '请填写身份证号码。'
  else if (/^\d(\.\d+)?E\+?\d+$/.test(number)) wrong.number = '身份证号码被表格软件改成了缩写，请把这一列设为“文本”后重新导出。'
  else if (!isRightNumber(number)) wrong.number = '身份证号码不对，请核对每一位。'
  return wrong
}

/** For every row what is wrong with it, people entered twice in the same role too; blank rows are nothing. */
export function wrongOf(rows: readonly Subject[]): Map<number, Wrong> {
  const found = new Map<number, Wrong>()
  const seen = new Map<string, number>()
  rows.forEach((row, place) => {
    if (isBlank(row)) return
    const wrong = wrongIn(row)
    const person = `${cleanNumber(row.number)} ${row.role}`
    const earlier = seen.get(person)
    if (!wrong.number && earlier !== undefined) wrong.number = `和第 ${earlier + 1} 行是同一个人、同一身份。`
    else seen.set(person, place)
    if (wrong.name || wrong.number) found.set(place, wrong)
  })
  return found
}

/** A pasted or exported table: commas, tabs or semicolons between the columns; a line of titles decides their order. */
export function readTable(text: string): Reading {
  const lines = cellsOf(text.replace(/^\ufeff/, ''))
  const first = lines.find((line) => line.some((cell) => cell !== ''))
  const order = first ? orderOf(first) : null
  const reading: Reading = { rows: [], wrong: [] }
  const places: number[] = []
  lines.forEach((cells, index) => {
    if (cells.every((cell) => cell === '') || (order && cells === first)) return
    const at = order ?? { name: 0, number: 1, role: 2 }
    const role = ROLE_WORDS[(cells[at.role] ?? '').toLowerCase()]
    const row = { name: cells[at.name] ?? '', number: cells[at.number] ?? '', role: role ?? 'shareholder' }
    if (!role) reading.wrong.push({ line: index + 1, text: `身份写的是“${cells[at.role]}”，请写${ROLES.map((one) => `“${one.label}”`).join('或')}。` })
    places.push(index + 1)
    reading.rows.push(row)
  })
  for (const [place, wrong] of wrongOf(reading.rows)) {
    for (const what of [wrong.name, wrong.number]) if (what) reading.wrong.push({ line: places[place] ?? 0, text: inLines(what, places) })
  }
  if (reading.rows.length > MOST_SUBJECTS) {
    reading.wrong.push({ line: places[MOST_SUBJECTS] ?? 0, text: `一批最多 ${MOST_SUBJECTS} 人，从这一行起请放到下一批。` })
  }
  reading.wrong.sort((one, other) => one.line - other.line)
  return reading
}

/** Rows are counted from the first person, lines from the top of the table. */
function inLines(text: string, places: readonly number[]): string {
  return text.replace(/第 (\d+) 行/, (_, row: string) => `第 ${places[Number(row) - 1] ?? row} 行`)
}

function orderOf(cells: readonly string[]): { name: number; number: number; role: number } | null {
  const place = (titles: readonly string[]) => cells.findIndex((cell) => titles.includes(cell.replace(/\s/g, '').toLowerCase()))
  const name = place(TITLES.name)
  const number = place(TITLES.number)
  return name >= 0 && number >= 0 ? { name, number, role: place(TITLES.role) } : null
}

/** Lines of cells (RFC 4180), with whichever separator the first line has. */
function cellsOf(text: string): string[][] {
  const head = text.slice(0, text.search(/\r|\n|$/))
  const separator = ['\t', ',', '，', ';'].find((mark) => head.includes(mark)) ?? ','
  const lines: string[][] = []
  let cells: string[] = []
  let cell = ''
  let isQuoted = false
  const endCell = () => {
    cells.push(cell.trim())
    cell = ''
  }
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index] ?? ''
    if (isQuoted) {
      if (char !== '"') cell += char
      else if (text[index + 1] === '"') cell += text[(index += 1)]
      else isQuoted = false
    } else if (char === '"' && cell.trim() === '') {
      isQuoted = true
      cell = ''
    } else if (char === separator) endCell()
    else if (char === '\n') {
      endCell()
      lines.push(cells)
      cells = []
    } else if (char !== '\r') cell += char
  }
  endCell()
  lines.push(cells)
  return lines
}

/** The text of a file as Excel writes it: UTF-8, or else the Chinese code page. */
export function textOf(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030').decode(bytes)
  }
}
