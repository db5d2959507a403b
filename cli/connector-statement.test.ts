import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyHeader } from '@parley/core/statement.ts';
import type { ConnectorView } from '@parley/sdk/connectors.ts';
import { type Seen, type Verdict, verdictInWords, verdictOn } from './connector-statement.ts';

const room = crypto.randomUUID();
const reads = {
  ...{ purpose: 'event-security', rights: ['read'], rooms: [room], justification: null },
  ...{ revoked: null, ends: '2027-01-01T00:00:00.000Z' },
} as unknown as ConnectorView;
const now = Date.parse('2026-06-01T00:00:00.000Z');

const seen = (handling: object = {}, about: Partial<Seen> = {}): Seen => {
  const header = { kind: 'share/1', room, body: { handling: { to: 'room', personal: false, ...handling } } };
  return { statement: { header: header as unknown as AnyHeader }, content: 'open', ...about };
};

const cases: readonly (readonly [string, Verdict, Partial<ConnectorView>, Seen | null])[] = [
  ['it was revoked', 'ended', { revoked: '2026-05-01T00:00:00.000Z' }, seen()],
  ['its end has come', 'ended', { ends: '2026-05-01T00:00:00.000Z' }, seen()],
  ['it only writes', 'right', { rights: ['speak'] }, seen()],
  ['the party does not see it either', 'absent', {}, null],
  ['it was taken back', 'erased', {}, seen({}, { content: 'erased' })],
  ['it is of another room', 'room', { rooms: [crypto.randomUUID()] }, seen()],
  ['it is public, of another room', 'open', { rooms: [crypto.randomUUID()] }, seen({ to: 'public' })],
  ['it is about persons', 'persons', {}, seen({ personal: [{ category: 'other', nature: 'fact' }] })],
  [
    'it may read about persons',
    'open',
    { justification: 'for the gate' },
    seen({ personal: [{ category: 'other', nature: 'fact' }] }),
  ],
  ['nothing is in the way', 'open', {}, seen()],
];

for (const [name, verdict, about, what] of cases)
  test(name, () => {
    assert.equal(verdictOn({ ...reads, ...about }, what, now), verdict);
    assert.ok(verdictInWords(verdict).length > 20);
  });
