/** What no kind takes, and how an example of a kind is made. Headers in the clear; nothing is signed here. */
import { base64, utf8 } from '@parley/core/bytes.ts';
import type { Code } from '@parley/core/errors.ts';
import { type BodyOf, type KindName, kinds } from '@parley/core/kinds.ts';
import { sha256 } from '@parley/core/sha256.ts';
import { type Actor, bad, type Example, good, header, lineOf, partsOf, room } from './cast.ts';

export const later = '2027-05-01T00:00:00.000Z';
export const thirtyTwo = base64(sha256(utf8('terms')));
export const short = base64(new Uint8Array(31));
export const why = { reason: 'The source asked for it.' };

interface Usual<K extends KindName> {
  readonly by: Actor;
  readonly body: BodyOf<K>;
  readonly parts?: readonly object[];
}
type Change = { readonly body?: object; readonly header?: object; readonly parts?: readonly object[] };
type Wrong = readonly [name: string, code: Code, at: string, change: Change];

/** What no kind takes, then what this one does not take. */
export function examples<K extends KindName>(
  kind: K,
  usual: Usual<K>,
  more: readonly Change[],
  wrong: readonly Wrong[],
): Example[] {
  const make = (name: string, change: Change): object => {
    const parts = partsOf(
      `${kind}/${name}`,
      (change.parts ?? usual.parts ?? []).map((part) => JSON.stringify(part)),
    );
    const about = { parts, ...(kinds[kind].room ? { room } : {}) };
    return {
      header: { ...header(kind, usual.by, { ...usual.body, ...change.body }, about), ...change.header },
      parts: parts.map(lineOf),
    };
  };
  const roomless = kinds[kind].room ? { room: undefined } : { room };
  const always: readonly Wrong[] = [
    ['free text in the header', 'header.malformed', '/body', { body: { comment: 'free text' } }],
    [kinds[kind].room ? 'without a room' : 'with a room', 'header.room', '/room', { header: roomless }],
    countless(kind, usual),
  ];
  return [
    ...[{}, ...more].map((change, i) =>
      good(i === 0 ? 'usual' : `usual, otherwise ${i}`, make(`${i}`, change)),
    ),
    ...[...always, ...wrong].map(([name, code, at, change]) => bad(name, code, at, make(name, change))),
  ];
}

/** A number of parts that the kind does not have. */
function countless<K extends KindName>(kind: K, usual: Usual<K>): Wrong {
  const shape = kinds[kind].parts;
  if (shape === 'none') return ['with a part', 'parts.count', '/parts/count', { parts: [why] }];
  if (shape === 'stix' || 'one' in shape)
    return ['without a part', 'parts.count', '/parts/count', { parts: [] }];
  return ['with two parts', 'parts.count', '/parts/count', { parts: [...(usual.parts ?? [why]), why] }];
}
