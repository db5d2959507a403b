/** Witnesses of our own and a centre that asks them: k of n, a fork, an old backup. */

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { meets, type Policy, parsePolicy, type Tally, tallyOf, trustIn } from '@parley/core/policy.ts';
import { type Receipt, receiptJson, verifyReceipt } from '@parley/core/receipt.ts';
import { refOf } from '@parley/core/statement.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { type Centre, memoryInRam, openCentre } from '@parley/sdk/centre.ts';
import type { Session } from '@parley/sdk/session.ts';
import { parley } from '../cli/testing/terminal.ts';
import { pathsIn } from '../server/paths.ts';
import { handling, indicator } from '../server/testing/actor.ts';
import { type Served, serve } from '../server/testing/served.ts';
import { World } from '../server/testing/world.ts';
import { policyText, Witness } from './testing/witness.ts';

const names = ['north', 'south', 'west'] as const;

const refusal = (code: string, detail: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && detail.test(error.detail ?? '');

describe('a centre and its witnesses, two of three', () => {
  let folder: string;
  let witnesses: Witness[];
  let policy: Policy;
  let policyFile: string;
  const troubles: string[] = [];
  let world: World;
  let served: Served;
  let centre: Centre;
  let session: Session;
  let room: string;

  const about = () => ({ policy, onTrouble: (what: string) => troubles.push(what) });
  const share = async (name: string): Promise<Receipt> => {
    const [receipt] = await session.share(room, [utf8(JSON.stringify(indicator(name)))], handling);
    assert.ok(receipt);
    return receipt;
  };
  const verified = (receipt: Receipt) =>
    verifyReceipt(receipt, trustIn(policy, centre.info.origin), world.host.party);
  const cosigned = async (receipt: Receipt): Promise<Tally> =>
    tallyOf(policy, (await verified(receipt)).checkpoint.cosigned);
  /** The receipt, fetched again until so many have cosigned. */
  const receiptBy = (ref: StatementRef, k: number): Promise<Receipt> =>
    eventually('cosigned', async () => {
      const receipt = await session.receipt(ref);
      return (await cosigned(receipt)).cosigned === k ? receipt : null;
    });
  const saved = (name: string, receipt: Receipt): string => {
    const file = join(folder, name);
    writeFileSync(file, JSON.stringify(receiptJson(receipt)));
    return file;
  };
  const verify = (file: string, ...more: string[]) =>
    parley(['receipt', 'verify', file, '--party', world.host.party, '--policy', policyFile, ...more]);
  const witness = (i: number): Witness => witnesses[i] as Witness;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parley-witnesses-'));
    world = await World.begin();
    const logs = world.centre.vkeys;
    witnesses = await Promise.all(names.map((name) => Witness.begin(name, join(folder, name), logs)));
    policyFile = join(folder, 'policy');
    const text = policyText(logs, witnesses, 2);
    writeFileSync(policyFile, text);
    policy = parsePolicy(text);
    await world.restart(about());
    served = await serve(world);
    centre = await openCentre(served.url, { memory: memoryInRam() });
    const { signer, party } = world.host;
    session = await centre.session({ signer, party, purpose: 'event-security' });
    room = await world.host.openRoom();
  });
  after(async () => {
    await served.end();
    for (const one of witnesses) await one.stop();
    rmSync(folder, { recursive: true, force: true });
    assert.deepEqual(world.doubts, []);
  });

  it('answers at once, and the receipt that is fetched later is witnessed', async () => {
    const receipt = await share('one');
    const { checkpoint } = await verified(receipt);
    assert.throws(() => meets(policy, checkpoint.cosigned), refusal('policy.unmet', /^0 of 3, needed 2$/));
    const later = await receiptBy(refOf(receipt.statement.header), 3);
    assert.deepEqual(await cosigned(later), { cosigned: 3, of: 3, needed: 2 });
    assert.deepEqual(troubles, []);
  });

  it('still meets the policy when one witness is down', async () => {
    await witness(2).stop();
    const { statement } = await share('two');
    const receipt = await receiptBy(refOf(statement.header), 2);
    assert.deepEqual(await cosigned(receipt), { cosigned: 2, of: 3, needed: 2 });
    const file = saved('two.json', receipt);
    const human = await verify(file);
    assert.equal(human.status, 0, human.err);
    assert.match(human.out, /witnessed +by 2 of 3, 2 needed/);
    assert.deepEqual(JSON.parse((await verify(file, '--json')).out).policy, {
      cosigned: 2,
      of: 3,
      needed: 2,
    });
    assert.ok(troubles.every((what) => what === 'witness west'));
  });

  it('shows k of n on the command line, to whoever keeps a policy', async () => {
    const home = join(folder, 'home');
    const run = (...args: string[]) => parley(args, { env: { PARLEY_HOME: home } });
    const joined = await run('join', served.url, await world.invitation(), '--name', 'A', '--device', 'd');
    assert.equal(joined.status, 0, joined.err);
    const without = await run('log');
    assert.match(without.out, /witnessed +not checked/);
    mkdirSync(home, { recursive: true });
    copyFileSync(policyFile, join(home, 'policy'));
    for (const command of ['log', 'verify']) {
      const shown = await run(command);
      assert.equal(shown.status, 0, shown.err);
      assert.match(shown.out, /witnessed +by 2 of 3, 2 needed, up to size \d+/);
      assert.match(shown.out, /north\.example at \d{4}-/);
      const { policy: tally, witnessed } = JSON.parse((await run(command, '--json')).out);
      assert.deepEqual(tally, { cosigned: 2, of: 3, needed: 2 });
      assert.ok(witnessed > 0);
    }
  });

  it('is not believed by who asks for more witnesses than there are', async () => {
    const strict = parsePolicy(policyText(world.centre.vkeys, witnesses, 3));
    const visitor = await openCentre(served.url, { memory: memoryInRam(), policy: strict });
    const { signer, party } = world.host;
    const reader = await visitor.session({ signer, party, purpose: 'event-security' });
    const unmet = refusal('policy.unmet', /^2 of 3, needed 3$/);
    await assert.rejects(visitor.checkpoint(), unmet);
    await assert.rejects(reader.parts(room)[Symbol.asyncIterator]().next(), unmet);
  });

  it('goes on without a quorum, and says so', async () => {
    await witness(1).stop();
    const receipt = await share('three');
    const again = await session.receipt(refOf(receipt.statement.header));
    assert.deepEqual(await cosigned(again), { cosigned: 0, of: 3, needed: 2 });
    const { status, err } = await verify(saved('three.json', again));
    assert.equal(status, 1);
    assert.match(err, /Too few witnesses have cosigned \[policy\.unmet\]\n {2}0 of 3, needed 2/);
    // What was cosigned before still is, and what continues it is read.
    const visitor = await openCentre(served.url, { memory: memoryInRam(), policy });
    await visitor.checkpoint();
    assert.ok((visitor.log.witnessed?.checkpoint.size ?? Infinity) <= receipt.record.index);
  });

  it('has its witnesses again when they return, with all that they knew', async () => {
    const size = await witness(1).size();
    assert.ok(size > 0);
    await witness(1).start();
    await witness(2).start();
    assert.ok((await witness(1).size()) >= size);
    const { statement } = await share('four');
    await receiptBy(refOf(statement.header), 3);
    assert.equal(await witness(1).size(), world.centre.head()?.size);
  });
});

describe('a centre that is not what its witnesses know', () => {
  let folder: string;
  let witnesses: Witness[];
  let policy: Policy;
  let world: World;
  let old: string;

  /** Until they all have cosigned what the centre holds. */
  const caughtUp = () =>
    eventually('cosigned by all', async () => {
      const sizes = await Promise.all(witnesses.map((one) => one.size()));
      return sizes.every((size) => size === world.centre.head()?.size) ? sizes : null;
    });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parley-witnesses-'));
    world = await World.begin();
    const logs = world.centre.vkeys;
    witnesses = await Promise.all(names.map((name) => Witness.begin(name, join(folder, name), logs)));
    policy = parsePolicy(policyText(logs, witnesses, 2));
    await world.restart({ policy });
    old = await world.copy();
    await world.party('Later');
    await caughtUp();
  });
  after(async () => {
    assert.deepEqual(world.doubts, []);
    await world.end();
    for (const one of witnesses) await one.stop();
    for (const dir of [folder, old]) rmSync(dir, { recursive: true, force: true });
  });

  it('an old backup is refused at start, by what this machine signed', async () => {
    const copy = pathsIn(old).checkpoint;
    const before = `${copy}.before`;
    copyFileSync(copy, before);
    await world.remembered();
    copyFileSync(pathsIn(world.folder).checkpoint, copy);
    await assert.rejects(World.on(old), refusal('store.behind', /^this machine knows a checkpoint of/));
    copyFileSync(before, copy);
  });

  it('and by a witness, when the machine remembers nothing', async () => {
    const behind = refusal(
      'store.behind',
      /^the witness \w+ has cosigned \d+ records, the store holds \d+; find the newest/,
    );
    await assert.rejects(World.on(old, { policy }), behind);
    rmSync(pathsIn(old).checkpoint);
    await assert.rejects(World.on(old, { policy }), behind);
    await witnesses[0]?.stop();
    await assert.rejects(World.on(old, { policy }), behind);
    await witnesses[0]?.start();
  });

  it('a fork is refused by the witness, and the centre says so', async () => {
    const fork = await world.fork({});
    // Each goes its own way: first as long as the other, then longer.
    await fork.host.openRoom();
    await world.host.openRoom();
    const sizes = await caughtUp();
    assert.equal(fork.centre.head()?.size, sizes[0]);
    await assert.rejects(fork.restart({ policy }), { code: 'witness.conflict' });

    await fork.restart({});
    await fork.host.openRoom();
    await fork.restart({ policy });
    const doubt = await eventually('a doubt', () => fork.doubts[0] as Error | undefined);
    assert.match(doubt.message, /^witness \w+: A witness has seen another history of this log/);
    assert.equal((doubt.cause as Refusal).code, 'witness.conflict');
    assert.deepEqual(await Promise.all(witnesses.map((one) => one.size())), sizes);

    // What the machine itself has signed tells a longer fork, too.
    await fork.centre.stop();
    await world.remembered();
    copyFileSync(pathsIn(world.folder).checkpoint, pathsIn(fork.folder).checkpoint);
    await assert.rejects(fork.restart({}), refusal('store.behind', /^this machine knows another history/));
    await fork.end();
  });
});
