/** Lines on the wire, trees over parts, and what counts as a STIX object. */
import { base64, concat, hex } from '@parley/core/bytes.ts';
import { rootOf } from '@parley/core/merkle.ts';
import { partLeaf } from '@parley/core/parts.ts';
import { bad, type Example, good, id, lineOf, partsOf, saltOf } from './cast.ts';

const salt = base64(saltOf('line'));
const line = (bytes: string): string => `{"salt":"${salt}","part":${bytes}}`;
const taken = (name: string, bytes: string): Example => good(name, { line: line(bytes), salt, bytes });
const refused = (name: string, text: string): Example =>
  bad(name, 'part.malformed', '/parts/0', { line: text });

export const lines: Example[] = [
  taken('an object', '{"type":"note"}'),
  taken('white space is kept', ' {"a" : 1 } '),
  taken('a brace in a string', '{"a":"}"}'),
  taken('characters beyond ASCII', '{"a":"Grüße 😀"}'),
  refused('nothing', ''),
  refused('no part', `{"salt":"${salt}","part":}`),
  refused('white space before', ` ${line('{}')}`),
  refused('white space after', `${line('{}')} `),
  refused('white space between', `{"salt": "${salt}","part":{}}`),
  refused('the part first', `{"part":{},"salt":"${salt}"}`),
  refused('a salt of 15 bytes', `{"salt":"${base64(new Uint8Array(15))}","part":{}}`),
  refused('a salt of 17 bytes', `{"salt":"${base64(new Uint8Array(17))}","part":{}}`),
  refused('a salt with other last bits', `{"salt":"${salt.replace(/.==$/, 'B==')}","part":{}}`),
  refused('a URL-safe salt', `{"salt":"${'-'.repeat(22)}==","part":{}}`),
];

const texts = ['{"a":1}', '{"a":2}', '{"a":3}', '{"a":4}', '{"a":5}', '"ä"'];

export const trees: Example[] = [0, 1, 2, 3, 5, 6].map((count) => {
  const parts = partsOf('tree', texts.slice(0, count));
  const leaves = parts.map(partLeaf);
  const input = {
    lines: parts.map(lineOf),
    leaves: base64(concat(...leaves)),
    root: base64(rootOf(leaves)),
  };
  return good(`${count} parts`, input);
});

const common = { type: 'indicator', spec_version: '2.1', id: `indicator--${id('stix')}` };
const created = '2026-11-01T10:00:00.000Z';
const stix = (change: object): object => ({ object: { ...common, ...change } });

export const objects: Example[] = [
  good('created and modified', {
    ...stix({ created, modified: '2026-11-01T10:00:00.5Z' }),
    version: '2026-11-01T10:00:00.5Z',
  }),
  good('created', { ...stix({ created }), version: created }),
  good('an observable has no version', {
    object: { type: 'url', id: `url--${id('url')}`, value: 'x' },
    version: '',
  }),
  good('an identifier made from a name (version 5)', {
    object: { type: 'url', id: 'url--c1477287-23ac-5971-a010-5c287877fa60' },
    version: '',
  }),
  good('properties that we do not know', {
    ...stix({ created, x_place: 'quay', extensions: { a: [1] } }),
    version: created,
  }),
  good('a type of somebody’s own', { object: { type: 'x-quay', id: `x-quay--${id('quay')}` }, version: '' }),
  bad('no id', 'stix.malformed', '/parts/0/id', { object: { type: 'indicator' } }),
  bad('id of another type', 'stix.malformed', '/parts/0/id', stix({ type: 'malware' })),
  bad('id in capitals', 'stix.malformed', '/parts/0/id', stix({ id: common.id.toUpperCase() })),
  bad('STIX 2.0', 'stix.malformed', '/parts/0/spec_version', stix({ spec_version: '2.0' })),
  bad(
    'time with an offset',
    'stix.malformed',
    '/parts/0/created',
    stix({ created: '2026-11-01T10:00:00+01:00' }),
  ),
  bad(
    'modified before it was created',
    'stix.malformed',
    '/parts/0/modified',
    stix({ created, modified: '2026-11-01T09:59:59Z' }),
  ),
  bad(
    'a marking that is no identifier',
    'stix.malformed',
    '/parts/0/object_marking_refs/0',
    stix({ object_marking_refs: ['TLP:RED'] }),
  ),
  bad('a bundle', 'stix.malformed', '/parts/0/type', {
    object: { type: 'bundle', id: `bundle--${id('bundle')}`, objects: [] },
  }),
  bad('a list', 'stix.malformed', '/parts/0', { object: [common] }),
];

/** A leaf, spelled out: SHA-256(0x00 ‖ salt ‖ bytes). */
export const leaves: Example[] = partsOf('leaf', ['{"type":"note"}', '"ä"']).map((part) =>
  good(`leaf of ${Buffer.from(part.bytes).toString()}`, {
    hashed: hex(concat(Uint8Array.of(0), part.salt, part.bytes)),
    line: lineOf(part),
    leaf: base64(partLeaf(part)),
  }),
);

/** Of texts that are no JSON, and still stand in a well-formed line. */
export const notJson: Example[] = [
  bad('two values', 'json.malformed', '/parts/0', { line: line('{},"part":{}') }),
  bad('a key twice', 'json.duplicate-key', '/parts/0', { line: line('{"type":"a","type":"b"}') }),
  bad('a number where an object must be', 'stix.malformed', '/parts/0', { line: line('7') }),
  bad('a deep part', 'json.too-deep', '/parts/0', { line: line(`${'['.repeat(70)}${']'.repeat(70)}`) }),
];
