/**
 * A witness that we did not write: torchwood's litewitness cosigns our checkpoints and refuses a fork, and torchwood's
 * tlog-proof and tlog-policy say of our receipts what ours do. How to run: CONTRIBUTING.md.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { base64, utf8 } from '@parley/core/bytes.ts';
import { openCheckpoint } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Hash } from '@parley/core/merkle.ts';
import { meets, type Policy, parsePolicy, trustIn } from '@parley/core/policy.ts';
import { formatProof } from '@parley/core/proof.ts';
import { verifyReceipt } from '@parley/core/receipt.ts';
import { commitment, recordLeaf } from '@parley/core/record.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { formatAddCheckpoint } from '@parley/core/witness.ts';
import { memoryInRam, openCentre } from '@parley/sdk/centre.ts';
import { checkCentre } from '../server/check-centre.ts';
import { createLogKeys, loadLogKeys, signCheckpoint } from '../server/log/keys.ts';
import { consistencyProofAt } from '../server/log/proofs.ts';
import { pathsIn } from '../server/paths.ts';
import { indicator, type Said } from '../server/testing/actor.ts';
import { located } from '../server/testing/located.ts';
import { type Served, serve } from '../server/testing/served.ts';
import { World } from '../server/testing/world.ts';
import { GoPrograms, goSkip, goTimeout } from './testing/go.ts';
import { Litewitness } from './testing/litewitness.ts';
import { quiet } from './testing/verifiers.ts';
import { Witness } from './testing/witness.ts';

const name = 'north.example';

describe('litewitness and our centre', { skip: goSkip, timeout: goTimeout }, () => {
  let folder: string;
  let programs: GoPrograms;
  let witness: Litewitness;
  let policyText: string;
  let policy: Policy;
  let world: World;
  let served: Served;
  let room: string;
  const troubles: string[] = [];
  const share = (to: World, text: string): Promise<Said> => to.host.in(to).share(room, [indicator(text)]);
  const head = (of: World) => {
    const head = of.centre.head();
    assert.ok(head);
    return head;
  };
  /** Until it has cosigned what the centre holds. */
  const caughtUp = () =>
    eventually('cosigned', () => {
      const [known, ours] = [witness.known(world.centre.origin), head(world)];
      return known.size === ours.size ? { known, root: base64(ours.root) } : null;
    });
  const logAnswer = async (path: string): Promise<Response> => {
    const { origin, name: centre } = world.centre;
    return fetch(`${served.url}${origin.slice(centre.length)}/${path}`);
  };

  before(
    async () => {
      folder = mkdtempSync(join(tmpdir(), 'parley-lw-'));
      programs = await GoPrograms.build('keyring', 'litewitness', 'proof');
      witness = await Litewitness.begin(programs, name, folder);
      world = await World.begin(quiet);
      const { origin, vkeys } = world.centre;
      const [ed25519 = ''] = vkeys;
      witness.addLog(origin, ed25519);
      // Their reader of policies knows Ed25519 logs only; ours trusts both keys.
      policyText = `log ${ed25519}\nwitness north ${witness.vkey} ${witness.url}\nquorum north\n`;
      policy = parsePolicy(
        `${vkeys
          .slice(1)
          .map((vkey) => `log ${vkey}\n`)
          .join('')}${policyText}`,
      );
      await world.restart({ ...quiet, policy, onTrouble: (what) => troubles.push(what) });
      served = await serve(world);
      room = await world.host.openRoom();
    },
    { timeout: goTimeout },
  );
  after(async () => {
    if (world) {
      const { folder: at, centre } = world;
      await checkCentre({ ...located(at), centre: centre.name, now: centre.now() });
      assert.deepEqual(world.doubts, []);
    }
    await served?.end();
    await programs?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  it('cosigns each checkpoint, from the proofs that the centre sends', async () => {
    const sizes = new Set<number>();
    for (let i = 0; i < 4; i++) {
      await Promise.all(Array.from({ length: 1 + 90 * i }, (_, n) => share(world, `${i} ${n}`)));
      const { known, root } = await caughtUp();
      assert.equal(known.root, root);
      sizes.add(known.size);
    }
    assert.equal(sizes.size, 4);
    assert.ok(Math.max(...sizes) > 512);
    assert.deepEqual(troubles, []);
  });

  it('stands under the checkpoint that is served, and meets the policy of who reads', async () => {
    const { known } = await caughtUp();
    for (const path of ['checkpoint', 'cosigned']) {
      const opened = await eventually('it stands under it', async () => {
        const note = utf8(await (await logAnswer(path)).text());
        const opened = await openCheckpoint(note, trustIn(policy, world.centre.origin));
        return opened.cosigned.length > 0 ? opened : null;
      });
      assert.equal(opened.checkpoint.size, known.size);
      assert.deepEqual(meets(policy, opened.cosigned), { cosigned: 1, of: 1, needed: 1 });
      const [cosigner] = opened.cosigned;
      assert.equal(cosigner?.name, name);
      const age = Date.now() / 1000 - (cosigner?.time ?? 0);
      assert.ok(age > -5 && age < 600, `cosigned ${age} seconds ago`);
      // Both keys of the log, and each checked.
      assert.deepEqual(new Set(opened.log.map(({ result }) => result)), new Set(['valid']));
      assert.equal(opened.log.length, 2);
    }
  });

  it('a receipt that it has cosigned is enough for torchwood, and one that it has not is not', async () => {
    const said = await share(world, 'with a receipt');
    const leaf = base64(recordLeaf(commitment(said, said.statement.envelope)));
    const file = join(folder, 'policy');
    writeFileSync(file, policyText);
    const prove = (proof: string) =>
      programs.run('proof', ['-policy', file], JSON.stringify([{ leaf, proof }]));
    const early = formatProof({ index: said.index, path: said.proof, checkpoint: utf8(said.checkpoint) });
    const refused = await prove(early);
    assert.equal(refused.status, 1);
    assert.match(
      refused.err,
      /^proof: proof 1: note verification failed: only 1\/2 policy components satisfied/,
    );

    const { signer, party } = world.host;
    const centre = await openCentre(served.url, { memory: memoryInRam() });
    const session = await centre.session({ signer, party, purpose: 'event-security' });
    const receipt = await eventually('a cosigned receipt', async () => {
      const receipt = await session.receipt(said.ref);
      const { checkpoint } = await verifyReceipt(receipt, trustIn(policy, world.centre.origin), party);
      return checkpoint.cosigned.length > 0 ? receipt : null;
    });
    const ran = await prove(receipt.proof);
    assert.equal(ran.status, 0, ran.err);
    assert.deepEqual(JSON.parse(ran.out), { verified: 1 });
  });

  it('answers what a witness of ours answers', async () => {
    const { origin, vkeys } = world.centre;
    const ours = await Witness.begin('south', join(folder, 'south'), vkeys);
    try {
      const { size } = (await caughtUp()).known;
      const keys = loadLogKeys(pathsIn(world.folder).logKeys);
      const { root, checkpoint } = head(world);
      const sign = (about: { size?: number; root?: Hash; origin?: string }, by = keys) =>
        signCheckpoint(by, { origin, size, root, ...about }, Math.floor(Date.now() / 1000));
      const proof = await world.centre.read((_, { log }) => consistencyProofAt(log, size - 3, size));
      const other = new Uint8Array(32).fill(9);
      const ask = async (url: string, old: number, note: string, path: readonly Hash[] = []) => {
        const body = formatAddCheckpoint({ old, proof: path, note: utf8(note) });
        const answer = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
        const told = await answer.text();
        const size = answer.headers.get('content-type') === 'text/x.tlog.size' ? ` ${told}` : '';
        return `${answer.status}${size}`;
      };
      const first = await ask(ours.url, 0, checkpoint);
      assert.equal(first, '200');
      const table: [what: string, answer: string, old: number, note: string, path?: readonly Hash[]][] = [
        ['it knows this already', '200', size, checkpoint],
        ['a log that it does not know', '404', 0, await sign({ origin: 'other.example/log/1' })],
        ['a key that it does not know', '403', size, await sign({}, createLogKeys())],
        ['old is larger than the checkpoint', '400', size + 1, checkpoint],
        ['old is not what it knows', `409 ${size}\n`, size - 3, checkpoint, proof],
        ['old is not what it knows, at first', `409 ${size}\n`, 0, checkpoint],
        ['the same size with another root', '422', size, await sign({ root: other })],
        ['a larger size without a proof', '422', size, await sign({ size: size + 5 })],
        ['a larger size with a wrong proof', '422', size, await sign({ size: size + 5 }), proof],
      ];
      for (const [what, answer, old, note, path = []] of table) {
        assert.equal(await ask(witness.url, old, note, path), answer, `litewitness: ${what}`);
        assert.equal(await ask(ours.url, old, note, path), answer, `ours: ${what}`);
      }
      assert.deepEqual(witness.known(origin), { size, root: base64(root) });
    } finally {
      await ours.stop();
    }
  });

  it('refuses a fork, and the fork notices', async () => {
    const conflict = (error: unknown) => error instanceof Refusal && error.code === 'witness.conflict';
    const fork = await world.fork(quiet);
    await share(fork, 'only there');
    await share(world, 'only here');
    const { known } = await caughtUp();
    // As long as what the witness knows, with another root: noticed at the start.
    assert.equal(head(fork).size, known.size);
    await assert.rejects(fork.restart({ ...quiet, policy }), conflict);

    // Longer: noticed by the first checkpoint that is sent, and nothing of it is cosigned.
    await fork.restart(quiet);
    await share(fork, 'only there, too');
    await fork.restart({ ...quiet, policy });
    const doubt = await eventually('a doubt', () => fork.doubts[0] as Error | undefined);
    assert.match(doubt.message, /^witness north: A witness has seen another history of this log/);
    assert.ok(conflict(doubt.cause));
    assert.deepEqual(witness.known(world.centre.origin), known);
    await fork.end();

    // The centre itself goes on.
    await share(world, 'still here');
    const later = await caughtUp();
    assert.ok(later.known.size > known.size);
    assert.equal(later.known.root, later.root);
  });

  it('tells an old backup at its start', async () => {
    const old = await world.copy();
    await share(world, 'after the backup');
    await caughtUp();
    rmSync(pathsIn(old).checkpoint);
    await assert.rejects(
      World.on(old, { policy }),
      (error) =>
        error instanceof Refusal &&
        error.code === 'store.behind' &&
        /^the witness north has cosigned \d+ records, the store holds \d+/.test(error.detail ?? ''),
    );
    rmSync(old, { recursive: true, force: true });
  });
});
