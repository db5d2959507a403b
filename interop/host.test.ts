/**
 * The centre's host lies, with every key that the centre has. Members go on with the homes that they had before, and
 * find it out: by which check, and what it says was done. What no check finds stands in SECURITY.md.
 */

import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parley, temporary } from '@parley/cli/testing/terminal.ts';
import { base64 } from '@parley/core/bytes.ts';
import type { Refusal } from '@parley/core/errors.ts';
import { enrolConsent } from '@parley/core/keys.ts';
import { makePart, type Part } from '@parley/core/parts.ts';
import { parsePolicy } from '@parley/core/policy.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { enrolmentRequest } from '@parley/sdk/enrolment.ts';
import { pathsIn } from '../server/paths.ts';
import { Actor, handling, indicator, newSigner, random } from '../server/testing/actor.ts';
import { editing } from '../server/testing/editing.ts';
import { type Served, serve } from '../server/testing/served.ts';
import { World } from '../server/testing/world.ts';
import { after, forged, type Held, rewritten } from './testing/host.ts';
import { type Member, memberAt } from './testing/member.ts';
import { policyText, Witness } from './testing/witness.ts';

interface Finding {
  readonly code: string;
  readonly at: string | null;
  readonly detail: string;
  readonly params: Readonly<Record<string, unknown>>;
}

type Change = (history: readonly Held[]) => readonly Held[];

/** A room of three, in which each has spoken, a device was revoked, and everybody has looked at the log since. */
class Scene {
  readonly world: World;
  readonly served: Served;
  readonly anna: Member;
  readonly bert: Member;
  readonly room: string;
  /** A device of Anna's that she has revoked: whoever stole it may work together with the host. */
  readonly phone: Actor;

  private constructor(served: Served, [anna, bert]: [Member, Member], room: string, phone: Actor) {
    this.world = served.world;
    this.served = served;
    [this.anna, this.bert, this.room, this.phone] = [anna, bert, room, phone];
  }

  static async begin(t: TestContext): Promise<Scene> {
    const world = await World.begin();
    const served = await serve(world);
    t.after(() => served.end());
    const members: [Member, Member] = [await memberAt(served, t, 'Anna'), await memberAt(served, t, 'Bert')];
    const [anna, bert] = members;
    const room = await world.host.openRoom();
    for (const { party, run } of members) {
      await world.host.say('room.invite/1', { party }, { room });
      await run('room', 'accept', room);
    }
    await world.host.share(room, [indicator('from the host')]);
    const share = (member: Member, name: string) =>
      member.run('share', member.file(indicator(name)), '--room', room);
    await share(anna, 'one');
    await share(bert, 'two');
    await share(anna, 'three');
    const signer = newSigner();
    const about = { signer, centre: world.centre.name, party: anna.party, name: 'Phone' };
    await anna.run(
      'device',
      'enrol',
      await enrolmentRequest(about),
      '--rights',
      'read,speak',
      '--ends',
      '1w',
    );
    const phone = new Actor(world, anna.party, signer);
    await phone.share(room, [indicator('from the phone')]);
    await anna.run('device', 'revoke', signer.device);
    for (const member of members) await member.run('verify');
    return new Scene(served, members, room, phone);
  }

  /** What a member finds when it goes there with a copy of its home. */
  async finds(t: TestContext, member: Member, lie: World, ...args: string[]): Promise<Finding> {
    const { status, out, err } = await this.visits(t, member, lie, ...args, '--json');
    assert.equal(status, 1, `${args.join(' ')} found nothing: ${out}${err}`);
    return JSON.parse(err).error;
  }

  async visits(t: TestContext, member: Member, lie: World, ...args: string[]) {
    const served = await serve(lie);
    t.after(() => served.end());
    const home = temporary(t);
    cpSync(member.home, home, { recursive: true });
    const profile = join(home, 'device.json');
    writeFileSync(profile, JSON.stringify({ ...JSON.parse(readFileSync(profile, 'utf8')), url: served.url }));
    return parley([...args, '--home', home]);
  }

  lies(change: Change): Promise<World> {
    return rewritten(this.world, change);
  }

  /** What a device signs, with its parts: said to nobody yet. */
  async signed(by: Actor, kind: 'share/1' | 'device.enrol/1', body: object, parts: readonly Part[]) {
    const room = kind === 'share/1' ? { room: this.room } : {};
    return { statement: await by.make(kind, body, { ...room, parts }), parts };
  }
}

const isOf = (party: string, kind: string) => (held: Held) =>
  held.header.party === party && held.header.kind === kind;

test('a host that lies is found out', async (t) => {
  const scene = await Scene.begin(t);
  const { anna, bert, world } = scene;
  const share = (name: string): readonly Part[] => [makePart(indicator(name), random)];

  await t.test('drops a record: the receipt says which', async (t) => {
    const lie = await scene.lies((history) =>
      history.filter((held) => held !== history.find(isOf(anna.party, 'share/1'))),
    );
    const found = await scene.finds(t, anna, lie, 'verify');
    assert.equal(found.code, 'proof.consistency');
    assert.match(
      found.detail,
      /^record \d+ is not the one that there is a receipt for; the centre shows a log of \d+ records, shorter than the one of \d+ that it signed on 20/,
    );
    assert.equal(found.at?.split('/')[0], anna.party);
    // Who has no receipt for it notices all the same.
    assert.equal((await scene.finds(t, bert, lie, 'log')).code, 'proof.consistency');
  });

  await t.test('edits what it said itself', async (t) => {
    const { statement, parts } = await scene.signed(world.host, 'share/1', { handling }, share('other'));
    const lie = await scene.lies((history) => {
      const old = history.find(isOf(world.host.party, 'share/1'));
      return history.map((held) => (held === old ? forged(statement, parts, held) : held));
    });
    const { code, detail } = await scene.finds(t, bert, lie, 'verify');
    assert.equal(code, 'proof.consistency');
    assert.match(
      detail,
      /^the centre shows other \d+ records than those that it signed on .*: a record was changed/,
    );
  });

  await t.test('puts two records into another order', async (t) => {
    const lie = await scene.lies((history) => {
      const [first, , second] = history.filter(({ header }) => header.kind === 'share/1').slice(1);
      const places = ({ instant, span }: Held) => ({ instant, span });
      return history.map((held) => {
        if (held === first && second) return { ...second, ...places(held) };
        return held === second && first ? { ...first, ...places(held) } : held;
      });
    });
    const { code, detail } = await scene.finds(t, anna, lie, 'verify');
    assert.equal(code, 'proof.consistency');
    assert.match(detail, /^record \d+ is not the one that there is a receipt for; the centre shows other/);
  });

  await t.test('dates a record back', async (t) => {
    const lie = await scene.lies((history) => {
      const late = history.find(isOf(anna.party, 'share/1')) as Held;
      return history.map((held) =>
        held.instant < late.instant ? { ...held, instant: held.instant - 60_000_000 } : held,
      );
    });
    assert.equal((await scene.finds(t, anna, lie, 'verify')).code, 'proof.consistency');
  });

  await t.test('dates back what it takes in: before the record that stands before it', async (t) => {
    const { statement, parts } = await scene.signed(world.host, 'share/1', { handling }, share('late'));
    const lie = await scene.lies((history) => [
      ...history,
      forged(statement, parts, {
        instant: (history.findLast(isOf(anna.party, 'share/1')) as Held).instant - 1,
      }),
    ]);
    const { code, detail } = await scene.finds(t, bert, lie, 'verify');
    assert.equal(code, 'read.unproven');
    assert.match(detail, /^the centre says that record \d+ came at 20.*Z, and one before it later$/);
  });

  await t.test('dates back what it takes in: before its speaker spoke', async (t) => {
    const now = () => world.centre.now() + 600_000_000;
    const later = new Actor(
      { ...world, centre: { ...world.centre, now } } as World,
      world.host.party,
      world.host.signer,
    );
    const { statement, parts } = await scene.signed(later, 'share/1', { handling }, share('late'));
    const lie = await scene.lies((history) => [
      ...history,
      forged(statement, parts, { instant: after(history) }),
    ]);
    const { code, detail } = await scene.finds(t, bert, lie, 'verify');
    assert.equal(code, 'read.unproven');
    assert.match(
      detail,
      /^the centre says that record \d+ came at .*its speaker signed that it spoke at .*dated back$/,
    );
  });

  await t.test('alters content in its store', async (t) => {
    const folder = await world.copy();
    const log = editing(folder);
    const parts = await log.run<{ number: number; bytes: Uint8Array }>('select number, bytes from parts');
    for (const { number, bytes } of parts) {
      const altered = Buffer.from(Buffer.from(bytes).toString().replace('"two"', '"ten"'));
      if (!altered.equals(bytes))
        await log.run('update parts set bytes = ? where number = ?', altered, number);
    }
    const { code, detail } = await scene.finds(t, anna, await World.on(folder), 'read', '--room', scene.room);
    assert.equal(code, 'parts.root');
    assert.match(
      detail,
      new RegExp(`^part 0 of the statement ${bert.party}/[0-9a-f-]+ is not what was signed$`),
    );
  });

  await t.test('invents a device for a party', async (t) => {
    const signer = newSigner();
    const forger = { ...world.host.signer, device: anna.party } as Actor['signer'];
    const consent = base64(await signer.sign(enrolConsent(world.centre.name, anna.party)));
    const body = { key: base64(signer.publicKey), rights: ['read', 'speak'], ends: null, consent };
    const profile = [makePart({ name: 'Desk' }, random)];
    const enrolled = await scene.signed(
      new Actor(world, anna.party, forger),
      'device.enrol/1',
      body,
      profile,
    );
    const said = await scene.signed(
      new Actor(world, anna.party, signer),
      'share/1',
      { handling },
      share('never said'),
    );
    const lie = await scene.lies((history) => {
      const link = forged(enrolled.statement, enrolled.parts, { instant: after(history) });
      return [...history, link, forged(said.statement, said.parts, { instant: after([link]) })];
    });
    for (const command of [['read', '--room', scene.room], ['verify']]) {
      const { code, detail } = await scene.finds(t, bert, lie, ...command);
      assert.equal(code, 'chain.broken');
      assert.match(
        detail,
        new RegExp(`^the chain of the party ${anna.party} holds what none of its devices signed`),
      );
    }
  });

  await t.test('hides a revocation: from the log', async (t) => {
    const lie = await scene.lies((history) =>
      history.filter(({ header }) => header.kind !== 'device.revoke/1'),
    );
    const { code, detail } = await scene.finds(t, anna, lie, 'verify');
    assert.equal(code, 'proof.consistency');
    assert.match(detail, /^record \d+ is not the one that there is a receipt for/);
  });

  await t.test('hides a revocation: from whom it lets in', async (t) => {
    const { statement, parts } = await scene.signed(scene.phone, 'share/1', { handling }, share('stolen'));
    const lie = await scene.lies((history) => [
      ...history,
      forged(statement, parts, { instant: after(history) }),
    ]);
    const { code, detail } = await scene.finds(t, anna, lie, 'verify');
    assert.equal(code, 'chain.broken');
    assert.match(
      detail,
      new RegExp(
        `^the device ${scene.phone.signer.device} of the party ${anna.party} was revoked with record \\d+, and the centre shows record \\d+ by it, after$`,
      ),
    );
  });

  await t.test('restores an old backup', async (t) => {
    const lie = await scene.lies((history) => history.slice(0, -3));
    const { code, detail, params } = await scene.finds(t, bert, lie, 'verify');
    const size = world.centre.head()?.size ?? 0;
    assert.equal(code, 'proof.consistency');
    assert.match(detail, /: an old copy speaks for it, or the last records were dropped$/);
    assert.deepEqual(params, { before: size, now: size - 3 });
    // An honest program does not start on it, where the machine remembers.
    await world.remembered();
    const folder = await world.copy();
    writeFileSync(pathsIn(lie.folder).checkpoint, readFileSync(pathsIn(folder).checkpoint));
    rmSync(folder, { recursive: true });
    await lie.centre.stop();
    await assert.rejects(World.on(lie.folder), (error: Refusal) => {
      assert.match(
        error.detail ?? '',
        /^this machine knows a checkpoint of \d+ records, the store holds \d+/,
      );
      return error.code === 'store.behind';
    });
  });

  await t.test('shows two members two histories: a receipt that one gives to the other', async (t) => {
    const [one, other] = [await world.fork(), await world.fork()];
    for (const name of ['for Anna', 'only', 'alone']) await one.host.share(scene.room, [indicator(name)]);
    const folder = temporary(t);
    const file = join(folder, 'given.json');
    const { ref } = await other.host.share(scene.room, [indicator('given')]);
    const got = await scene.visits(t, bert, other, 'receipt', 'get', `${ref.party}/${ref.id}`, '--out', file);
    assert.equal(got.status, 0, got.err);
    const { code, detail } = await scene.finds(t, anna, one, 'verify', '--receipt', file);
    assert.equal(code, 'proof.consistency');
    assert.match(detail, /or another history is shown to others$/);
  });

  await t.test('and a witness: it cosigns one history, and the other stays without', async (t) => {
    const witness = await Witness.begin('north', temporary(t), world.centre.vkeys);
    t.after(() => witness.stop());
    const text = policyText(world.centre.vkeys, [witness], 1);
    const policy = parsePolicy(text);
    const one = await world.fork({ policy });
    t.after(() => one.end());
    const other = await world.fork();
    await one.host.share(scene.room, [indicator('for Anna')]);
    await eventually('cosigned', async () => (await witness.size()) === one.centre.head()?.size);
    await other.host.share(scene.room, [indicator('for Bert')]);
    const file = join(bert.home, 'policy');
    writeFileSync(file, text);
    t.after(() => rmSync(file));
    const { code, detail } = await scene.finds(t, bert, other, 'verify');
    assert.deepEqual([code, detail], ['policy.unmet', 'no checkpoint is cosigned']);
    await assert.rejects(other.restart({ policy }), { code: 'witness.conflict' });
  });
});
