/** Statements and parts, as commands print them. */
import { textOf } from '@parley/core/fields.ts';
import { handlingOf } from '@parley/core/statement.ts';
import type { ReadPart, ReadStatement } from '@parley/sdk/session.ts';
import { named, plain, shortRef, time } from './format.ts';

export const statementShape =
  '{"party","id","kind","room","device","said","came","index","added","content","parts","body"}';

export function statementJson({ statement, record, added, content }: ReadStatement) {
  const { header } = statement;
  const { party, id, kind, room = null, device, at, body, parts } = header;
  const came = textOf(record.instant);
  return {
    party,
    id,
    kind,
    room,
    device,
    said: at,
    came,
    index: record.index,
    added,
    content,
    parts: parts?.count ?? 0,
    body,
  };
}

export const partShape = '{"party","id","n","room","came","added","handling","object"}';

export function partJson({ statement, record, n, added, object }: ReadPart) {
  const { party, id, room = null } = statement.header;
  return {
    party,
    id,
    n,
    room,
    came: textOf(record.instant),
    added,
    handling: handlingOf(statement.header) ?? null,
    object,
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
    [state, 0],
  ]);
}

/** One line for people: when, who, what it is and what it is called. */
export function partLine(part: ReadPart, names: ReadonlyMap<string, string>): string {
  const { statement, n } = part;
  const { type, title } = glance(part);
  const place = `${shortRef(statement.header)}#${n}`;
  return line([
    [time(part.added), 20],
    [place, 21],
    [named(statement.header.party, names), 34],
    [type, 16],
    [title, 0],
  ]);
}

function line(cells: readonly (readonly [string, number])[]): string {
  return `${cells
    .map(([text, width]) => plain(text).padEnd(width))
    .join('  ')
    .trimEnd()}\n`;
}

const longest = 100;

/** What a person recognises an object by. */
function glance({ object }: ReadPart): { type: string; title: string } {
  const fields = typeof object === 'object' && object !== null && !Array.isArray(object) ? object : {};
  const text = (key: string) => (typeof fields[key] === 'string' ? fields[key] : undefined);
  const link =
    text('relationship_type') &&
    `${text('relationship_type')}: ${text('source_ref')} → ${text('target_ref')}`;
  const title =
    text('name') ?? link ?? text('value') ?? text('pattern') ?? text('description') ?? text('id') ?? '';
  return { type: text('type') ?? '', title: title.length > longest ? `${title.slice(0, longest)}…` : title };
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
