/** What XML 1.0 can hold, and the small notations that CAP has inside its texts. */

// XML 1.0 (2.2). Control characters, U+FFFE, U+FFFF and lone surrogates can stand in no document, not even escaped.
const foreign = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** The first character that XML 1.0 cannot hold, by its code point. */
export function foreignCharacter(text: string): string | undefined {
  const found = foreign.exec(text)?.[0];
  return found && `U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

export function isXmlText(text: string): boolean {
  return !foreign.test(text);
}

export function isBlank(text: string): boolean {
  return !/\S/.test(text);
}

/** `addresses` and `incidents` (CAP 1.2, 3.2.1): separated by spaces, in quotes what holds spaces itself. */
export function readList(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)]
    .map(([, quoted, plain]) => quoted ?? plain ?? '')
    .filter(Boolean);
}

export function writeList(items: readonly string[]): string {
  return items.map((item) => (/\s/.test(item) ? `"${item}"` : item)).join(' ');
}

/** What comes back from `readList` as it was. */
export function fitsList(item: string): boolean {
  return item !== '' && !item.includes('"') && !isBlank(item);
}
