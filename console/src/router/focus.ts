/** Whether the page on show was reached by moving inside the console (the heading takes the focus) or by loading it (it does not). */
let moves = 0

export function noteMove(): void {
  moves += 1
}

export function wasNavigation(): boolean {
  return moves > 1
}
