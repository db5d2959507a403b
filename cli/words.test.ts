import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { Json } from '@parley/core/json.ts';
import type { AnyHeader } from '@parley/core/statement.ts';
import { readVectors } from '../tools/vectors/read.ts';
import type { Desk } from './desk.ts';
import { card } from './format.ts';
import { wordsOf } from './words.ts';

interface Example {
  readonly valid: boolean;
  readonly header: AnyHeader;
  readonly parts: readonly string[];
}

/** Everybody has a name, and every room a title. */
const desk = {
  names: async () => new Map(),
  namesOf: async (parties: readonly string[]) => new Map(parties.map((id) => [id, 'Embassy'])),
  rooms: async () => [],
  session: { statement: async () => ({ parts: [{ object: { reason: 'an error' } }] }) },
} as unknown as Desk;

const tell = async ({ header, parts }: Example) => {
  const part = parts[0] === undefined ? null : (JSON.parse(parts[0]) as { part: Json }).part;
  const rows = await wordsOf(desk, header, part);
  return rows && card('', rows);
};
const of = (kind: string) => readVectors<Example>(`kinds/${kind}.json`).filter(({ valid }) => valid);

test('what is said in every form of every kind has words, without long ids and raw times', async () => {
  const files = readdirSync(new URL('../vectors/kinds/', import.meta.url));
  for (const example of files.flatMap((file) => of(file.replace('.json', '')))) {
    const told = await tell(example);
    if (example.header.kind === 'share/1') assert.equal(told, null);
    else {
      assert.match(told ?? '', /^\n {2}\w/, example.header.kind);
      assert.doesNotMatch(told ?? '', /[0-9a-f]{64}|\d{4}-\d\d-\d\dT|undefined|\{/, example.header.kind);
    }
  }
});

for (const [kind, n, words] of [
  ['undertaking.state', 0, /report-within-a-day, owed by Embassy \([0-9a-f]{8}\)\n +state +it was broken/],
  ['undertaking.suspend', 0, /towards +Embassy \([0-9a-f]{8}\), from which what was shared is withheld/],
  ['undertaking.resume', 0, /ends +the suspension [0-9a-f]{8}\/[0-9a-f]{8}/],
  ['room.suspend', 0, /suspends +Embassy \([0-9a-f]{8}\)\n +reason +\S/],
  ['room.invite', 0, /invites +Embassy \([0-9a-f]{8}\)\n +as +member/],
  ['party.recover', 0, /comes back by +its recovery key\n +new device +New desk, [0-9a-f]{8}\n +ends +2027-/],
  ['party.readmit', 0, /vouches for +the device [0-9a-f]{8} as one of Embassy/],
  ['centre.accredit', 0, /may hold +what is \S+, and nothing above/],
] as const)
  test(`the words of ${kind}`, async () => {
    const example = of(kind)[n];
    assert(example);
    assert.match((await tell(example)) ?? '', words);
  });
