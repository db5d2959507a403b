/** Statements and parts, as commands print them. */
import { textOf } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import { handlingOf } from '@parley/core/statement.ts';
import type { ReadPart, ReadStatement } from '@parley/sdk/session.ts';
import { named, plain, shortRef, sizeText, time } from './format.ts';
import { marksText } from './handling-options.ts';

export const statementShape =
  '{"party","id","kind","room","device","connector":BOOL,"said","came","index","added","content","parts","body"}';

export function statementJson({ statement, record, added, content, connector }: ReadStatement) {
  const { header } = statement;
  const { party, id, kind, room = null, device, at, body, parts } = header;
  const came = textOf(record.instant);
  return {
    party,
    id,
    kind,
    room,
    device,
    // The centre signed it, for a client of the party that cannot.
    connector: connector !== null,
    said: at,
    came,
    index: record.index,
    added,
    content,
    parts: parts?.count ?? 0,
    body,
  };
}

export const partShape =
  '{"party","id","n","room","connector":BOOL,"came","added","handling","object","file":{"size","type"} or null}';

export function partJson({ statement, record, n, added, object, file, connector }: ReadPart) {
  const { party, id, room = null } = statement.header;
  return {
    party,
    id,
    n,
    room,
    connector: connector !== null,
    came: textOf(record.instant),
    added,
    handling: handlingOf(statement.header) ?? null,
    object,
    file: file && { size: file.size, type: file.type },
  };
}

/** One line for people. */
export function statementLine(
  { statement, record, content }: ReadStatement,
  names: ReadonlyMap<string, string>,
): string {
  const { header } = statement;
  const count = header.parts ? `${header.parts.count} part${header.parts.count === 1 ? '' : 's'}` : '';
  const state = content === 'erased' ? 'taken back' : count;
  return line([
    [time(record.instant), 20],
    [shortRef(header), 17],
    [header.kind, 16],
    [named(header.party, names), 34],
    [state, 10],
    ...marksCell(handlingOf(header)),
  ]);
}

/** What a line shows of a part, and by what its versions are told apart. */
export interface PartRow {
  readonly cells: readonly (readonly [string, number])[];
  readonly title: string;
  /** The object, as this party says it. */
  readonly key: string;
  /** Later ones compare greater. */
  readonly version: string;
}

/** @param room its title, where several are read */
export function partRow(part: ReadPart, names: ReadonlyMap<string, string>, room?: string): PartRow {
  const { statement, n } = part;
  const { header } = statement;
  const { type, title, id, version } = glance(part);
  return {
    cells: [
      [time(part.added), 20],
      [`${shortRef(header)}#${n}`, 21],
      [named(header.party, names), 34],
      [type, 16],
      [marking(handlingOf(header)), 17],
      ...marksCell(handlingOf(header)),
      ...(room === undefined ? [] : [[room, 24] as const]),
    ],
    title,
    key: `${header.party} ${header.room ?? ''} ${id}`,
    version,
  };
}

/** One line for people: when, who, what it is, how to treat it and what it is called. */
export function partLine(
  { cells, title }: PartRow,
  older: boolean,
  columns = Number.POSITIVE_INFINITY,
): string {
  const all = [...cells, [older ? `${title} (older version)` : title, 0] as const];
  const whole = line(all);
  // When, which and who; under it what it is.
  return whole.trimEnd().length <= columns
    ? whole
    : `${line(all.slice(0, 3))}  ${line(all.slice(3).map(([text]) => [text, 0]))}`;
}

function marking(handling: Handling | undefined): string {
  if (!handling) return '';
  const { to, tlp } = handling;
  const whom = to === 'room' ? '' : typeof to === 'string' ? ` ${to}` : ' names';
  return `TLP:${tlp.toUpperCase()}${whom}`;
}

/** Where there is something: most of what is shared is neither secret nor on persons. */
function marksCell(handling: Handling | undefined): readonly (readonly [string, number])[] {
  const marks = handling ? marksText(handling) : '';
  return marks === '' ? [] : [[marks, 0]];
}

function line(cells: readonly (readonly [string, number])[]): string {
  return `${cells
    .map(([text, width]) => plain(text).padEnd(width))
    .join('  ')
    .trimEnd()}\n`;
}

const longest = 100;

/** What a person recognises an object by. */
function glance({ object, file }: ReadPart): { type: string; title: string; id: string; version: string } {
  if (file) return { type: 'file', title: sizeText(file), id: '', version: '' };
  const fields = typeof object === 'object' && object !== null && !Array.isArray(object) ? object : {};
  const text = (key: string) => (typeof fields[key] === 'string' ? fields[key] : undefined);
  const link =
    text('relationship_type') &&
    `${text('relationship_type')}: ${text('source_ref')} → ${text('target_ref')}`;
  const title =
    text('name') ??
    link ??
    text('value') ??
    text('pattern') ??
    text('abstract') ??
    text('content') ??
    text('description') ??
    text('id') ??
    '';
  return {
    type: text('type') ?? '',
    title: title.length > longest ? `${title.slice(0, longest)}…` : title,
    id: text('id') ?? '',
    // Without the Z and last zeros, times with more digits and with fewer compare as text.
    version: (text('modified') ?? text('created') ?? '').replace(
      /(?:\.(\d*?)0*)?Z$/,
      (_, digits = '') => digits && `.${digits}`,
    ),
  };
}

/** `{"a":1}` over several lines, a little to the right. */
export function indentedJson(value: unknown): string {
  // JSON escapes the control characters of ASCII; those beyond, and changes of direction, are taken out.
  return JSON.stringify(value, null, 2)
    .split('\n')
    .map((text) => `  ${leading(text)}${plain(text)}`)
    .join('\n');
}

function leading(text: string): string {
  return /^ */.exec(text)?.[0] ?? '';
}
