import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromUtf8 } from '@parley/core/bytes.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { verifyInclusion } from '@parley/core/merkle.ts';
import { partLeaf } from '@parley/core/parts.ts';
import fc from 'fast-check';
import { id, openHere } from './fixture.ts';
import type { Journals } from './journals.ts';
import type { RecordParts } from './packing.ts';
import type { OriginOf } from './readings.ts';

const hour = 3_600_000_000;
const from = 490_000 * hour;
const to = from + hour;
const parties = ['a', 'b', 'c'].map(id);
const [one, two, three] = parties as [string, string, string];

/** Record n was said by party n modulo 3. */
const refOf = (index: number): StatementRef => ({
  party: parties[index % 3] ?? one,
  id: `statement-${index}`,
});
const originOf: OriginOf = async (indexes) => new Map(indexes.map((index) => [index, refOf(index)]));

function read(
  { accesses }: Journals,
  at: number,
  party: string,
  list: RecordParts[],
  purpose = 'event-security',
) {
  return accesses.recordAccess({
    at,
    party,
    device: id('d'),
    purpose,
    justification: 'secret',
    route: '',
    list,
  });
}

async function leafText({ digests }: Journals, party: string, since = from): Promise<string> {
  const leaf = await digests.leafFor(party, since);
  assert.ok(leaf);
  return fromUtf8(leaf.leaf);
}

test('each party has a leaf that proves what others read of its own, and nothing else', async (t) => {
  const journals = await openHere(t);
  await read(journals, from - 1, two, [{ index: 0, parts: [9] }]);
  await read(
    journals,
    from,
    two,
    [0, 1].map((index) => ({ index, parts: [0, 1] })),
  );
  await read(journals, to - 1, three, [{ index: 3, parts: [] }]);
  await read(journals, to, two, [{ index: 0, parts: [9] }]);
  const digest = await journals.digests.buildDigest(from, to, [three, two, one], originOf);
  assert.equal(digest.leaves, 64);
  assert.equal(
    await leafText(journals, one),
    `{"party":"${one}","from":"2025-11-24T16:00:00.000Z","to":"2025-11-24T17:00:00.000Z","accesses":[` +
      `{"at":"2025-11-24T16:00:00.000000Z","party":"${two}","purpose":"event-security","statement":{"party":"${one}","id":"statement-0"},"parts":[0,1]},` +
      `{"at":"2025-11-24T16:59:59.999999Z","party":"${three}","purpose":"event-security","statement":{"party":"${one}","id":"statement-3"},"parts":[]}]}`,
  );
  // The second party read its own statement; the third's was not read.
  for (const party of [two, three]) assert.match(await leafText(journals, party), /"accesses":\[\]\}$/);
  for (const party of parties) {
    const proof = await journals.digests.leafFor(party, from);
    assert.ok(proof);
    assert.equal(proof.to, to);
    verifyInclusion(
      partLeaf({ salt: proof.salt, bytes: proof.leaf }),
      proof.index,
      64,
      proof.path,
      digest.root,
    );
  }
});

test('any accesses: every proof verifies, and the leaves hold each access of an other once', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          at: fc.integer({ min: from - 5, max: to + 5 }),
          party: fc.constantFrom(...parties),
          list: fc.array(
            fc.record({ index: fc.nat(9), parts: fc.uniqueArray(fc.nat(255), { maxLength: 3 }) }),
            {
              maxLength: 4,
            },
          ),
        }),
        { maxLength: 12 },
      ),
      async (reads) => {
        const journals = await openHere(t);
        await Promise.all(reads.map(({ at, party, list }) => read(journals, at, party, list)));
        const { root, leaves } = await journals.digests.buildDigest(from, to, parties, originOf);
        let entries = 0;
        for (const party of parties) {
          const proof = await journals.digests.leafFor(party, from);
          assert.ok(proof);
          verifyInclusion(
            partLeaf({ salt: proof.salt, bytes: proof.leaf }),
            proof.index,
            leaves,
            proof.path,
            root,
          );
          const { accesses } = JSON.parse(fromUtf8(proof.leaf));
          entries += accesses.length;
          assert.deepEqual(accesses, accesses.toSorted(byAtAndParty));
        }
        const inside = reads.filter(({ at }) => at >= from && at < to);
        const expected = inside.flatMap(({ party, list }) =>
          [...new Set(list.map(({ index }) => index))].filter((index) => refOf(index).party !== party),
        );
        assert.equal(entries, expected.length);
      },
    ),
    { numRuns: 25 },
  );
});

function byAtAndParty(a: { at: string; party: string }, b: { at: string; party: string }): number {
  const [left, right] = [a.at + a.party, b.at + b.party];
  return left < right ? -1 : left > right ? 1 : 0;
}

test('the order inside a leaf does not depend on the order of recording', async (t) => {
  const reads: [number, string, RecordParts[], string][] = [
    [from + 2, two, [{ index: 0, parts: [1] }], 'x-b'],
    [from + 2, two, [{ index: 0, parts: [1, 2] }], 'x-b'],
    [from + 2, two, [{ index: 0, parts: [0, 5] }], 'x-b'],
    [from + 2, two, [{ index: 3, parts: [] }], 'x-a'],
    [from + 2, three, [{ index: 0, parts: [] }], 'x-a'],
    [from + 1, three, [{ index: 0, parts: [] }], 'x-a'],
  ];
  const texts = await Promise.all(
    [reads, reads.toReversed()].map(async (order) => {
      const journals = await openHere(t);
      for (const [at, party, list, purpose] of order) await read(journals, at, party, list, purpose);
      await journals.digests.buildDigest(from, to, parties, originOf);
      return leafText(journals, one);
    }),
  );
  assert.equal(texts[0], texts[1]);
  const { accesses } = JSON.parse(texts[0] ?? '');
  assert.deepEqual(
    accesses.map(({ parts }: { parts: number[] }) => parts),
    [[], [], [0, 5], [1], [1, 2], []],
  );
});

test('a digest is built once, and what is recorded late counts in the next', async (t) => {
  const journals = await openHere(t);
  assert.equal(await journals.digests.next(), null);
  const first = await journals.digests.buildDigest(from, to, parties, originOf);
  assert.equal(await journals.digests.next(), to);
  await read(journals, to - 1, two, [{ index: 0, parts: [0] }]);
  assert.deepEqual(await journals.digests.buildDigest(from, to, parties, originOf), first);
  assert.equal((await journals.accesses.readersOf(0))[0]?.at, to);
  await journals.digests.buildDigest(to, to + hour, parties, originOf);
  assert.match(await leafText(journals, one, to), /"at":"2025-11-24T17:00:00.000000Z"/);
  assert.deepEqual(await journals.digests.ofParty(one, null, 10), [from, to]);
  assert.deepEqual(await journals.digests.ofParty(one, from, 10), [to]);
});

test('what broke off after closing the hour is finished later, without what came meanwhile', async (t) => {
  const journals = await openHere(t);
  await read(journals, from, two, [{ index: 0, parts: [0] }]);
  const broken: OriginOf = async () => {
    throw new Error('the process ends here');
  };
  await assert.rejects(journals.digests.buildDigest(from, to, parties, broken));
  assert.equal(await journals.digests.next(), from);
  assert.equal(await journals.digests.leafFor(one, from), null);
  await read(journals, from + 1, two, [{ index: 0, parts: [1] }]);
  await journals.digests.buildDigest(from, to, parties, originOf);
  assert.equal(JSON.parse(await leafText(journals, one)).accesses.length, 1);
});

test('intervals do not overlap', async (t) => {
  const { digests } = await openHere(t);
  await digests.buildDigest(from, to, parties, originOf);
  for (const [start, end] of [
    [from, to + 1_000],
    [from + 1_000, to],
    [from - hour, from],
    [to, to],
    [to + 1, to + hour],
  ] as const)
    await assert.rejects(digests.buildDigest(start, end, parties, originOf), { code: 'fault' });
});

test('an originator that nobody named has a leaf all the same', async (t) => {
  const journals = await openHere(t);
  await read(journals, from, two, [{ index: 0, parts: [0] }]);
  await journals.digests.buildDigest(from, to, [], originOf);
  const [ref] = (await originOf([0])).values();
  assert.ok(await journals.digests.leafFor(ref?.party ?? '', from));
});

test('the number of leaves does not tell how many parties there are', async (t) => {
  const journals = await openHere(t);
  const many = (count: number) => Array.from({ length: count }, (_, i) => String(i).padStart(64, '0'));
  const leavesFor = async (hours: number, count: number) =>
    (
      await journals.digests.buildDigest(
        from + hours * hour,
        from + (hours + 1) * hour,
        many(count),
        originOf,
      )
    ).leaves;
  assert.deepEqual(
    [await leavesFor(0, 0), await leavesFor(1, 63), await leavesFor(2, 64), await leavesFor(3, 65)],
    [64, 64, 64, 128],
  );
});

test('an access to what the log does not have stops the digest', async (t) => {
  const journals = await openHere(t);
  await read(journals, from, two, [{ index: 0, parts: [0] }]);
  const empty: OriginOf = async () => new Map();
  await assert.rejects(journals.digests.buildDigest(from, to, parties, empty), { code: 'store.corrupt' });
});
