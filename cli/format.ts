/** How things look on a terminal: calm, aligned, the same everywhere. */
import { spoken } from '@parley/core/keys.ts';

/** What a table shows when there is nothing to say. */
export const nothing = '–';

/**
 * Columns as wide as their content, no rules, the last column as long as it likes.
 * @param head one title a column; left out when there are no rows
 * @param columns where a row would be wider, each stands under its first cell, a line for each of the others
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  empty: string,
  columns = Number.POSITIVE_INFINITY,
): string {
  if (rows.length === 0) return `${empty}\n`;
  const all = [head.map((title) => title.toUpperCase()), ...rows.map((row) => row.map(plain))];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  const lines = all.map(line);
  if (lines.every((text) => text.length <= columns)) return `${lines.join('\n')}\n`;
  return rows
    .map(([first = '', ...rest]) =>
      card(
        first,
        rest.map((cell, i) => [head[i + 1] ?? '', cell]),
      ),
    )
    .join('');
}

/** A heading and aligned names with their values; those without a value are left out. */
export function card(title: string, rows: readonly (readonly [string, string | null | undefined])[]): string {
  const shown = rows.filter((row): row is readonly [string, string] => Boolean(row[1]));
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  const lines = shown.map(([name, value]) => `  ${name.padEnd(width)}  ${plain(value)}`);
  return `${[plain(title), ...lines].join('\n')}\n`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal.
const controls = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** Others choose names and texts: no escape sequence, line feed or change of direction of theirs reaches a terminal. */
export function plain(text: string): string {
  return text.replace(controls, ' ').trim();
}

/** The first digits: enough to recognise, and to type. */
export function short(id: string): string {
  return id.slice(0, 8);
}

/** A fingerprint as people compare it by telephone, in four lines of four groups. */
export function fingerprintLines(id: string, indent: string): string {
  const groups = spoken(id).split(' ');
  const lines = [0, 4, 8, 12].map((from) => groups.slice(from, from + 4).join(' '));
  return lines
    .filter((line) => line !== '')
    .map((line) => `${indent}${line}`)
    .join('\n');
}

/** A name with the digits that tell it from another of the same name. */
export function named(id: string, names: ReadonlyMap<string, string>): string {
  const name = names.get(id);
  return name === undefined ? short(id) : `${plain(name)} (${short(id)})`;
}

/** RFC 3339 or microseconds since 1970, to the second, in UTC: `2026-05-01 12:00:00Z`. */
export function time(at: string | number | null | undefined): string {
  if (at === null || at === undefined || at === '') return nothing;
  const date = new Date(typeof at === 'number' ? at / 1000 : at);
  return Number.isNaN(date.getTime()) ? String(at) : `${date.toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

export function ref({ party, id }: { readonly party: string; readonly id: string }): string {
  return `${party}/${id}`;
}

export function shortRef({ party, id }: { readonly party: string; readonly id: string }): string {
  return `${short(party)}/${short(id)}`;
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** As a sentence begins. */
export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** `part 0`, `parts 0-3, 7`. */
export function partsWord(numbers: readonly number[]): string {
  return `${numbers.length === 1 ? 'part' : 'parts'} ${ranges(numbers)}`;
}

/** `0-3, 7`. */
export function ranges(numbers: readonly number[]): string {
  const pieces: string[] = [];
  for (let i = 0; i < numbers.length; ) {
    let j = i;
    while (numbers[j + 1] === (numbers[j] as number) + 1) j++;
    pieces.push(i === j ? `${numbers[i]}` : `${numbers[i]}-${numbers[j]}`);
    i = j + 1;
  }
  return pieces.join(', ');
}

export function titleOf({
  terms,
  room,
}: {
  readonly terms: { readonly title: string } | null;
  readonly room: string;
}): string {
  return plain(terms?.title ?? room);
}

/** Keys of ML-DSA have some 1,700 characters, which nobody reads from a screen. */
export function keyText(vkey: string): string {
  return vkey.length > 200 ? `${vkey.slice(0, 96)}… (whole with --json)` : vkey;
}

/** `application/pdf, 1.2 MB`. */
export function sizeText({ size, type }: { readonly size: number; readonly type: string }): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  let [value, unit] = [size, 0];
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${type}, ${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}
