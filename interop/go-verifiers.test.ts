/**
 * Verifiers that other people wrote, on our log: golang.org/x/mod's `note` and `tlog`, tessera's `fsck`, torchwood's
 * tlog-proof. What they must find wrong is in `go-lies.test.ts`. How to run: CONTRIBUTING.md.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { base64, utf8 } from '@parley/core/bytes.ts';
import { parseCheckpoint } from '@parley/core/checkpoint.ts';
import { parseNote } from '@parley/core/note.ts';
import { formatProof } from '@parley/core/proof.ts';
import type { Said } from '../server/testing/actor.ts';
import { go, goSkip, goTimeout } from './testing/go.ts';
import { type LongLog, serveLog } from './testing/long-log.ts';
import { beginReadCentre, leafOf, type ReadCentre, reportOf, Verifiers } from './testing/verifiers.ts';

describe('the verifiers of others, on the log of a centre', { skip: goSkip, timeout: goTimeout }, () => {
  let verifiers: Verifiers;
  let centre: ReadCentre;

  before(
    async () => {
      verifiers = await Verifiers.build();
      centre = await beginReadCentre();
    },
    { timeout: goTimeout },
  );
  after(async () => {
    await verifiers?.end();
    await centre?.end();
  });

  it('are as they were pinned, and what calls them is vetted', async () => {
    for (const args of [
      ['mod', 'verify'],
      ['vet', './...'],
    ]) {
      const { status, out, err } = await go(...args);
      assert.equal(status, 0, `${out}${err}`);
    }
  });

  it('note opens our checkpoint, tlog proves every record and every earlier checkpoint', async () => {
    const { log, key, said, earlier, world } = centre;
    const old = earlier.map((note, i) => verifiers.keep(`checkpoint-${i}`, note));
    const report = reportOf(await verifiers.verify(log, key, { old, leaves: verifiers.keepLeaves(said) }));
    const head = world.centre.head();
    assert.ok(head && head.size > 2 * 256 && head.size % 256 !== 0);
    const { origin, size, root } = parseCheckpoint(parseNote(utf8(head.checkpoint)).text);
    assert.deepEqual([report.origin, report.size, report.root], [origin, size, base64(root)]);
    // The line by ML-DSA-44 is one of a key that note does not know.
    assert.deepEqual([report.signed, report.unknown], [[origin], 1]);
    assert.deepEqual([report.records, report.named], [size, said.length]);
    assert.equal(report.consistent.length, (old.length * (old.length + 1)) / 2);
    assert.equal(Math.max(...report.consistent.flat()), size);
  });

  it("tessera's fsck passes the whole log", async () => {
    const { status, err } = await verifiers.fsck(centre.log, centre.key);
    assert.equal(status, 0, err);
    assert.match(err, new RegExp(`Successfully fsck'd log with size ${centre.world.centre.head()?.size} `));
  });

  it('torchwood verifies what receipts prove, and nothing else', async () => {
    const policy = verifiers.keep('policy', `log ${centre.key}\nquorum none\n`);
    const prove = (proofs: readonly object[]) =>
      verifiers.programs.run('proof', ['-policy', policy], JSON.stringify(proofs));
    const proofs = centre.said.map((one) => ({ leaf: leafOf(one), proof: proofOf(one) }));
    const ran = await prove(proofs);
    assert.equal(ran.status, 0, ran.err);
    assert.deepEqual(JSON.parse(ran.out), { verified: centre.said.length });

    const [first, second] = proofs;
    const refused = await prove([{ ...first }, { ...first, proof: second?.proof }]);
    assert.equal(refused.status, 1);
    assert.match(
      refused.err,
      /^proof: proof 2: tlog record inclusion proof verification failed for index \d+/,
    );
  });
});

function proofOf(one: Said): string {
  return formatProof({ index: one.index, path: one.proof, checkpoint: utf8(one.checkpoint) });
}

describe('the verifiers of others, on more than 65,536 records', { skip: goSkip, timeout: goTimeout }, () => {
  /** Around each size where tiles become full, and where there is a level more. */
  const sizes = [1, 255, 256, 257, 1_000, 65_535, 65_536, 65_537, 70_000];
  let verifiers: Verifiers;
  let long: LongLog;

  before(
    async () => {
      verifiers = await Verifiers.build();
      long = await serveLog(sizes);
    },
    { timeout: goTimeout },
  );
  after(async () => {
    await verifiers?.end();
    await long?.end();
  });

  it('tlog proves each of them, and that each size continues all before', async () => {
    const old = long.checkpoints.slice(0, -1).map((note, i) => verifiers.keep(`long-${i}`, note));
    const report = reportOf(await verifiers.verify(long.url, long.vkeys[0] ?? '', { old }));
    assert.deepEqual([report.size, report.records, report.unknown], [70_000, 70_000, 1]);
    const pairs = sizes.flatMap((older, i) => sizes.slice(i + 1).map((newer) => [older, newer]));
    assert.deepEqual(new Set(report.consistent.map(String)), new Set(pairs.map(String)));
  });

  it('fsck passes them', async () => {
    const { status, err } = await verifiers.fsck(long.url, long.vkeys[0] ?? '');
    assert.equal(status, 0, err);
    assert.match(err, /Successfully fsck'd log with size 70000 /);
  });
});
