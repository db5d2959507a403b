import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { hex, utf8 } from '@parley/core/bytes.ts';
import { kinds } from '@parley/core/kinds.ts';
import { sha256 } from '@parley/core/sha256.ts';
import { foldVersion, projectionDigests, projectionTables, rebuild } from './folds.ts';
import { projectionSpelling } from './storage/sqlite-spelling.ts';
import { type EveryKind, everyKind } from './testing/every-kind.ts';
import { storeOf } from './testing/history-sample.ts';

const digestOf = (text: string) => hex(sha256(utf8(text)));

describe('the folds', () => {
  let history: EveryKind;
  let digests: ReadonlyMap<string, string>;
  before(async () => {
    history = await everyKind();
    const { store, end } = await storeOf(history.records, history.parts);
    await rebuild(store);
    digests = await store.snapshot(({ db }) => projectionDigests(db));
    await end();
  });

  it('have another version when tables or rows are others, so that old stores are folded again', () => {
    const tables = projectionTables.flatMap(({ create }) => create(projectionSpelling)).join('\n');
    const rows = [...digests].map((each) => each.join(' ')).join('\n');
    assert.deepEqual(
      { foldVersion, tables: digestOf(tables), rows: digestOf(rows) },
      // Changed the tables, or a fold? Raise `foldVersion` and put all three here. Changed only what is said in
      // `testing/every-kind.ts`? Then the rows alone are others, and the version stays.
      {
        foldVersion: 6,
        tables: 'fb95e34285d2acc2547935387bb97d467c63905d5e3ea1a9fde38fd47e486539',
        rows: '57ef00dffd828532be1106b9889f4c29fea169adfb87e796a2b9bc01cb2cf368',
      },
    );
  });

  it('are held against every kind, and against rows in every table', () => {
    const said = new Set(history.records.map(({ header }) => header.kind));
    assert.deepEqual(said, new Set(Object.keys(kinds)));
    const none = digestOf('[]');
    assert.deepEqual(
      [...digests].filter(([, digest]) => digest === none).map(([name]) => name),
      [],
    );
  });

  /** What makes something visible beside itself, by what a test calls it. */
  for (const called of [
    'share/1',
    'invited under new terms',
    'notice/1',
    'granted unasked',
    'opened for good',
  ])
    it(`place no rows beyond what a record has reserved: ${called}`, async () => {
      const one = history.named.get(called);
      const less = history.records.map((each) => (each === one ? { ...each, span: each.span - 1 } : each));
      const { store, end } = await storeOf(less, history.parts);
      const reserved = `record ${one?.index} has reserved ${(one?.span ?? 0) - 1} instants`;
      await assert.rejects(rebuild(store), ({ message }: Error) => message.startsWith(reserved));
      await end();
    });
});
