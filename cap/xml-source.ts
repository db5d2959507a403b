/** What is looked at before and beside the parser: encoding, prolog, what no message needs, references, lines. */
import { fromUtf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { foreignCharacter, isBlank, isXmlText } from './texts.ts';

export function decoded(bytes: Uint8Array): string {
  let text: string;
  try {
    text = fromUtf8(bytes).replace(/^\uFEFF/, '');
  } catch (cause) {
    throw new Refusal('xml.malformed', { detail: 'the bytes are not UTF-8', cause });
  }
  const foreign = foreignCharacter(text);
  if (foreign) throw new Refusal('xml.malformed', { detail: `${foreign} stands in it` });
  return text;
}

// XML 1.0 (2.8).
const declaration =
  /^<\?xml\s+version\s*=\s*(["'])1\.[0-9]\1(?:\s+encoding\s*=\s*(["'])([A-Za-z][\w.-]*)\2)?(?:\s+standalone\s*=\s*(["'])(?:yes|no)\4)?\s*\?>/;
const instruction = /^<\?(?!xml[\s?])[A-Za-z_][\w.-]*(?:\s|\?>)/i;

function endOfDeclaration(text: string): number {
  if (!/^<\?xml\s/.test(text.slice(0, 6))) return 0;
  const [whole, , , encoding = 'utf-8'] = declaration.exec(text) ?? [];
  if (!whole) throw malformed('the declaration that XML knows', 1);
  if (!/^(utf-8|us-ascii)$/i.test(encoding)) throw malformed('the encoding UTF-8', 1);
  return whole.length;
}

/** Where the root begins: behind declaration, comments, instructions (a style sheet, for instance) and white space. */
export function endOfProlog(text: string): number {
  let at = endOfDeclaration(text);
  for (;;) {
    while (/\s/.test(text[at] ?? '')) at++;
    const close = text.startsWith('<!--', at) ? '-->' : text.startsWith('<?', at) ? '?>' : undefined;
    if (!close) break;
    if (close === '?>' && !instruction.test(text.slice(at, at + 80)))
      throw malformed('an instruction with a name', lineIn(text, at));
    const end = text.indexOf(close, at + (close === '?>' ? 2 : 4));
    if (end < 0) throw malformed('a comment or instruction that ends', lineIn(text, at));
    at = end + close.length;
  }
  if (/^<!doctype/i.test(text.slice(at, at + 9)))
    throw new Refusal('xml.doctype', { at: `line ${lineIn(text, at)}` });
  return at;
}

/** None of it is needed in messages, and parsers differ over it. Where it stands in a text, it is refused all the same. */
export function refuseMarkup(body: string, text: string): void {
  const found = /<\?|<!(?!--|\[CDATA\[)/.exec(body);
  if (!found) return;
  const at = text.length - body.length + found.index;
  if (/^<!(doctype|entity)/i.test(body.slice(found.index, found.index + 9)))
    throw new Refusal('xml.doctype', { at: `line ${lineIn(text, at)}` });
  throw malformed('no instruction or declaration inside the root', lineIn(text, at));
}

export function refuseTail(tail: string, line: number): void {
  if (!isBlank(tail.replace(/<!--[\s\S]*?-->/g, ''))) throw malformed('nothing behind the root', line);
}

export interface Source {
  /** Where the root begins, from which the parser counts. */
  readonly offset: number;
  readonly lineAt: (index: number) => number;
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** XML 1.0 (4.1, 4.6): the five names and numbers. There is no document type, so there are no others. */
export function resolved(raw: string, line: number): string {
  if (raw.includes('<')) throw malformed('no "<" in a value', line);
  return raw.replace(/&(?:#x([0-9a-fA-F]{1,6});|#([0-9]{1,7});|([a-z]+);)?/g, (_, hex, decimal, name) => {
    const point = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : undefined;
    const character =
      point === undefined ? named[name] : point <= 0x10_ff_ff ? String.fromCodePoint(point) : undefined;
    if (character === undefined || !isXmlText(character)) throw malformed('a reference that XML knows', line);
    return character;
  });
}

export function malformed(wanted: string, line: number): Refusal {
  return new Refusal('xml.malformed', { at: `line ${line}`, detail: `expected ${wanted}` });
}

/** The line of an index, found by halves: a document may have many elements and many lines. */
export function linesOf(text: string): (index: number) => number {
  const ends: number[] = [];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) ends.push(at);
  return (index) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] as number) < index) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

const lineIn = (text: string, index: number) => linesOf(text)(index);
