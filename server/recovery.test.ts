/** Who learns that a party came back, and what can be proven offline of what it said since. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { base64 } from '@parley/core/bytes.ts';
import { verifyBy, verifyChain } from '@parley/core/chain.ts';
import { millisecondsOf } from '@parley/core/fields.ts';
import { invitationSeed, joinConsent } from '@parley/core/keys.ts';
import { makePart } from '@parley/core/parts.ts';
import { parseStatement, signHeader } from '@parley/core/statement.ts';
import { begin, type Setting } from './admission/testing/setting.ts';
import { chainsFor } from './release/chains.ts';
import { releaseStatement } from './release/content.ts';
import { releaseTasks } from './release/dues.ts';
import { releaseRecovery } from './release/recovery.ts';
import type { Sources } from './release/sources.ts';
import { Actor, indicator, newSigner, random, type Said, seeded } from './testing/actor.ts';
import { arrange, keyOf, recovering, vouch } from './testing/recovery.ts';

describe('a party that comes back', () => {
  let s: Setting;
  before(async () => {
    s = await begin();
  });
  after(() => s.end());

  const see = <T>(work: (sources: Sources) => Promise<T>) => s.world.centre.read(work);
  /** Which of these parties may see the statement. */
  const seenBy = async ({ ref }: Said, actors: Readonly<Record<string, Actor>>): Promise<string[]> => {
    const names: string[] = [];
    for (const [name, actor] of Object.entries(actors)) {
      const seen = await see((sources) => releaseStatement(actor.viewer(), ref, sources)).catch(() => null);
      if (seen) names.push(name);
    }
    return names;
  };
  const pass = async (seconds: number) => {
    await s.world.centre.round();
    s.later(seconds);
  };

  it('is seen by its guardians, and by members of rooms that show it, and by nobody else', async () => {
    const party = await s.world.party('Shown');
    await s.world.room([party, s.carl], { roster: true });
    await arrange(party, { guardians: [s.anna, s.bert] });
    const device = newSigner();
    const { anna, bert, carl, eve, host } = s;
    const all = { party, anna, bert, carl, eve, host };
    const word = await vouch(anna, party, device);
    assert.deepEqual(await seenBy(word, all), ['party', 'anna', 'bert', 'carl', 'host']);
    await vouch(bert, party, device);
    const tasks = (await see((sources) => releaseTasks(party.viewer(), sources))).value.tasks;
    assert.deepEqual(
      tasks.map(({ what, room, detail }) => [what, room, detail]),
      [['readmission', null, keyOf(device)]],
    );
    await pass(3600);
    const { said, actor } = await recovering(party, null, { device });
    assert.deepEqual(await seenBy(said, { ...all, party: actor }), ['party', 'anna', 'bert', 'carl', 'host']);
    assert.equal((await see((sources) => releaseTasks(actor.viewer(), sources))).value.tasks.length, 0);
  });

  it('stays hidden from members where its terms hide it', async () => {
    const party = await s.world.party('Hidden');
    await s.world.room([party, s.carl], { roster: false });
    const key = newSigner();
    const { anna, bert, carl, eve, host } = s;
    const arranged = await arrange(party, { key, guardians: [anna, bert] });
    assert.deepEqual(await seenBy(arranged, { party, anna, bert, carl, eve, host }), [
      'party',
      'anna',
      'bert',
    ]);
    const { said, actor } = await recovering(party, key, { next: keyOf(newSigner()) });
    // The host opened the room, so that it knows who is in.
    assert.deepEqual(await seenBy(said, { party: actor, anna, bert, carl, eve, host }), [
      'party',
      'anna',
      'bert',
      'host',
    ]);
    const released = await arrange(actor, { guardians: [anna, eve] });
    assert.deepEqual(await seenBy(released, { party: actor, anna, bert, carl, eve, host }), [
      'party',
      'anna',
      'bert',
      'eve',
    ]);
  });

  it('shows itself and its guardians what is arranged, and nobody else', async () => {
    const party = await s.world.party('Careful');
    const key = newSigner();
    await arrange(party, { key, guardians: [s.anna, s.eve], delay: 72 });
    const device = newSigner();
    await vouch(s.eve, party, device);
    const own = (await see((sources) => releaseRecovery(party.viewer(), sources))).value;
    assert.equal(own.key?.key, keyOf(key));
    assert.deepEqual([own.guardians?.parties, own.guardians?.delay], [[s.anna.party, s.eve.party], 72]);
    assert.deepEqual(
      own.readmissions.map(({ key: about, vouched, ready }) => [
        about,
        vouched.map((each) => each.party),
        ready,
      ]),
      [[keyOf(device), [s.eve.party], null]],
    );
    const guard = (await see((sources) => releaseRecovery(s.anna.viewer(), sources))).value;
    const ward = guard.wards.find((each) => each.party === party.party);
    assert.deepEqual([ward?.delay, ward?.readmissions.length], [72, 1]);
    const none = (await see((sources) => releaseRecovery(s.carl.viewer(), sources))).value;
    assert.deepEqual([none.key, none.guardians, none.wards], [null, null, []]);
  });

  it('speaks on in its rooms, and a chain of recoveries of guardians too verifies offline', async () => {
    const [one, two] = [await s.world.party('One'), await s.world.party('Two')];
    const key = newSigner();
    await arrange(one, { key });
    const { actor: guardian } = await recovering(one, key, { next: keyOf(newSigner()) });
    await arrange(two, { guardians: [guardian, s.bert] });
    const device = newSigner();
    await vouch(guardian, two, device);
    await vouch(s.bert, two, device);
    await pass(3600);
    const { actor } = await recovering(two, null, { device });
    const second = await actor.enrol(['read', 'speak']);
    const room = await actor.openRoom();
    const { index } = await second.share(room, [indicator('I')]);
    const [chain] = await see(async (sources) => chainsFor(await sources.log.records([index]), sources));
    assert.ok(chain);
    const devices = await verifyChain(two.party, chain.links);
    assert.deepEqual(
      [device.device, second.signer.device].map((id) => devices.get(id)?.from),
      ['readmission', 'enrolment'],
    );
    for (const [i] of chain.links.entries())
      await assert.rejects(
        verifyChain(
          two.party,
          chain.links.filter((_, n) => n !== i),
        ).then((found) => {
          if (!found.has(second.signer.device)) throw new Error('it is not in the chain');
        }),
      );
  });

  it('a recovery verifies after its key was replaced, too, and what the spent key signs later does not', async () => {
    const party = await s.world.party('Spent');
    const [key, next] = [newSigner(), newSigner()];
    await arrange(party, { key });
    const { said } = await recovering(party, key, { revoke: false, next: keyOf(next) });
    const arranged = await arrange(party, { key: newSigner() });
    const records = await see(({ log }) => log.records([said.index, arranged.index]));
    const [chain] = await see((sources) => chainsFor(records, sources));
    assert.ok(chain && records[0]);
    const devices = await verifyChain(party.party, chain.links);
    const spent = devices.get(key.device);
    await verifyBy(spent, records[0]);
    const header = { ...records[0].header, id: crypto.randomUUID() };
    const later = parseStatement({ ...(await signHeader(header, key)) });
    await assert.rejects(verifyBy(spent, later), { code: 'chain.broken' });
  });

  it('founded anew is another party, known as the former one by the host’s word', async () => {
    const party = await s.world.party('Burnt');
    const room = await s.world.room([party, s.carl]);
    const code = `TEST-${crypto.randomUUID()}`;
    const until = millisecondsOf(s.world.centre.now() + 86_400_000_000);
    const inviting = seeded(invitationSeed(code));
    const invitation = await s.host.say('party.invite/1', {
      key: keyOf(inviting),
      until,
      formerly: party.party,
    });
    const found = async (more: object) => {
      const signer = newSigner();
      const actor = new Actor(s.world, signer.device, signer);
      const signature = base64(await inviting.sign(joinConsent(s.world.centre.name, signer.publicKey)));
      const body = {
        key: keyOf(signer),
        ends: null,
        invitation: { key: keyOf(inviting), signature },
        ...more,
      };
      const parts = [makePart({ name: 'Risen', device: 'desk' }, random)];
      return { actor, said: await actor.say('party.found/1', body, { parts }) };
    };
    await assert.rejects(found({}), { code: 'invitation.unknown', at: '/body/formerly' });
    await assert.rejects(found({ formerly: s.anna.party }), { code: 'invitation.unknown' });
    const { actor, said } = await found({ formerly: party.party, recovery: keyOf(newSigner()) });
    const { anna, carl, host } = s;
    assert.deepEqual(await seenBy(said, { actor, party, anna, carl, host }), [
      'actor',
      'party',
      'carl',
      'host',
    ]);
    assert.deepEqual(await seenBy(invitation, { actor, party, anna, carl, host }), ['party', 'host']);
    await assert.rejects(actor.share(room, [indicator('I')]), { code: 'room.unknown' });
    await party.share(room, [indicator('I')]);
    await assert.rejects(
      s.host.say('party.invite/1', { key: keyOf(newSigner()), until, formerly: 'ab'.repeat(32) }),
      { code: 'party.unknown', at: '/body/formerly' },
    );
  });
});
