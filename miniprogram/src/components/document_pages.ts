/** What `…/pages` of a document answers. */
export interface DocumentPages {
  sha256: string
  pages: { number: number; width: number; height: number; text: string }[]
}

/** The text of a page in lines, without the empty ones. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
