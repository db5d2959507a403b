/** Not every database can hold U+0000 in a text, and nobody writes it. For texts that a centre keeps as such. */
export function withoutNul(text: string): boolean {
  return !text.includes('\0');
}
