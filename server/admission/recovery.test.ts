/** Keys that got lost, rule by rule: what a party arranges, how it comes back, and who tries it and may not. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { verifyChain } from '@parley/core/chain.ts';
import type { Refusal } from '@parley/core/errors.ts';
import { linksOf } from '../release/chains.ts';
import { releaseAdmitted } from '../release/receipts.ts';
import type { RecordFacts, Sources } from '../release/sources.ts';
import { type Actor, indicator, newSigner } from '../testing/actor.ts';
import { arrange, keyOf, recovering, vouch } from '../testing/recovery.ts';
import { begin, type Setting, table } from './testing/setting.ts';

const refusalOf = async (work: Promise<unknown>): Promise<Refusal> =>
  work.then(
    () => assert.fail('it was admitted'),
    (error: Refusal) => error,
  );

describe('recovery by the offline key', () => {
  let s: Setting;
  const { refused } = table(() => s);
  before(async () => {
    s = await begin();
  });
  after(() => s.end());

  const withKey = async () => {
    const party = await s.world.party('Party');
    const key = newSigner();
    await arrange(party, { key });
    return { party, key };
  };

  it('brings a device with all rights, ends those before it, and spends the key', async () => {
    const { party, key } = await withKey();
    const next = newSigner();
    const old = await party.enrol(['read', 'speak']);
    const { actor } = await recovering(party, key, { next: keyOf(next) });
    await actor.openRoom();
    for (const lost of [party, old]) assert.equal((await refusalOf(lost.openRoom())).code, 'device.revoked');
    const again = await refusalOf(recovering(party, key));
    assert.deepEqual([again.code, again.at, again.concerns], ['recovery.spent', '/device', [party.party]]);
    const { actor: third } = await recovering(party, next, { revoke: false });
    await third.enrol(['read']);
    await actor.enrol(['read']);
  });

  it('refuses a wrong key as it refuses an unknown device, and the party is told', async () => {
    const { party } = await withKey();
    const { code, concerns, at } = await refusalOf(recovering(party, newSigner()));
    assert.deepEqual([code, at, concerns], ['device.unknown', '/device', [party.party]]);
    const none = await refusalOf(recovering(s.anna, newSigner()));
    assert.deepEqual([none.code, none.detail], ['device.unknown', none.detail]);
  });

  it('refuses a forged signature under the name of the right key', async () => {
    const { party, key } = await withKey();
    const forger = newSigner();
    const forged = { ...key, sign: forger.sign };
    const { code, concerns } = await refusalOf(recovering(party, key, { signer: forged }));
    assert.deepEqual([code, concerns], ['device.unknown', [party.party]]);
  });

  refused('a key that the party replaced', 'recovery.spent', '/device', async () => {
    const { party, key } = await withKey();
    await arrange(party, { key: newSigner() });
    return () => recovering(party, key);
  });
  refused('a key of another party', 'device.unknown', '/device', async () => {
    const { key } = await withKey();
    return () => recovering(s.anna, key);
  });
  refused('the recovery key for another kind', 'device.unknown', '/device', async () => {
    const { party, key } = await withKey();
    const { Actor } = await import('../testing/actor.ts');
    return () => new Actor(s.world, party.party, key).openRoom();
  });
  refused('a device that recovers', 'device.unknown', '/device', async () => {
    const { party } = await withKey();
    return () => recovering(party, party.signer);
  });
  refused('a device that is enrolled already', 'device.known', '/body/key', async () => {
    const { party, key } = await withKey();
    return () => recovering(party, key, { device: party.signer });
  });
  refused('the spent key as the next one', 'recovery.spent', '/body/recovery', async () => {
    const { party, key } = await withKey();
    return () => recovering(party, key, { next: keyOf(key) });
  });
  refused('a key that was replaced, named again', 'recovery.spent', '/body/recovery', async () => {
    const { party, key } = await withKey();
    await arrange(party, { key: null });
    return () => arrange(party, { key });
  });
  refused('the key of a device as a recovery key', 'header.malformed', '/body/recovery', async () => {
    const { party } = await withKey();
    return () => arrange(party, { key: party.signer });
  });
  refused('an end that has come already', 'header.malformed', '/body/ends', async () => {
    const { party, key } = await withKey();
    return () => recovering(party, key, { more: { ends: s.at(-1) } });
  });

  it('lets the party keep its key while it changes its guardians', async () => {
    const { party, key } = await withKey();
    await arrange(party, { key, guardians: [s.anna, s.bert] });
    await recovering(party, key);
  });
});

describe('readmission by two guardians', () => {
  let s: Setting;
  const { refused } = table(() => s);
  before(async () => {
    s = await begin();
  });
  after(() => s.end());

  /** What the centre is about to say is said before its clock jumps. */
  const pass = async (seconds: number) => {
    await s.world.centre.round();
    s.later(seconds);
  };
  const guarded = async (delay = 2): Promise<Actor> => {
    const party = await s.world.party('Party');
    await arrange(party, { guardians: [s.anna, s.bert], delay });
    return party;
  };
  const vouched = async (delay = 2) => {
    const party = await guarded(delay);
    const device = newSigner();
    await vouch(s.anna, party, device);
    await vouch(s.bert, party, device);
    return { party, device };
  };

  it('lets the party back after its delay, not before, and its words verify from the chain alone', async () => {
    const { party, device } = await vouched();
    const early = await refusalOf(recovering(party, null, { device }));
    assert.deepEqual([early.code, early.concerns], ['recovery.early', [party.party]]);
    assert.ok(Number(early.params.seconds) > 7_000);
    await pass(2 * 3600);
    const { actor } = await recovering(party, null, { device });
    const room = await actor.openRoom();
    const { index } = await actor.share(room, [indicator('I')]);
    const admitted = async (sources: Sources) => {
      const [record] = await sources.log.records([index]);
      return releaseAdmitted(record as RecordFacts, (said) => linksOf(said, sources));
    };
    const { chain } = (await s.world.centre.read(admitted)).value;
    const devices = await verifyChain(party.party, chain.links);
    assert.equal(devices.get(device.device)?.from, 'readmission');
    const links = chain.links.filter(({ header }) => header.party !== s.bert.party);
    await assert.rejects(verifyChain(party.party, links), { code: 'chain.broken' });
  });

  it('counts the delay from the second word, and both must be for the same key', async () => {
    const party = await guarded();
    const [device, other] = [newSigner(), newSigner()];
    await vouch(s.anna, party, device);
    await pass(3 * 3600);
    assert.equal((await refusalOf(recovering(party, null, { device }))).code, 'recovery.unvouched');
    await vouch(s.bert, party, other);
    assert.equal((await refusalOf(recovering(party, null, { device }))).code, 'recovery.unvouched');
    await vouch(s.bert, party, device);
    assert.equal((await refusalOf(recovering(party, null, { device }))).code, 'recovery.early');
    await pass(2 * 3600);
    await recovering(party, null, { device });
  });

  it('is ended by an objection of any device that governs', async () => {
    const { party, device } = await vouched();
    await party.say('party.object/1', { key: keyOf(device) });
    await pass(2 * 3600);
    const { code, concerns } = await refusalOf(recovering(party, null, { device }));
    assert.deepEqual([code, concerns], ['recovery.objected', [party.party]]);
    assert.equal((await refusalOf(vouch(s.anna, party, device))).code, 'recovery.objected');
    const next = newSigner();
    await vouch(s.anna, party, next);
    await vouch(s.bert, party, next);
  });

  refused('an objection to what nobody vouched for', 'answer.unasked', '/body/key', async () => {
    const party = await guarded();
    return () => party.say('party.object/1', { key: keyOf(newSigner()) });
  });
  refused('vouching twice for the same key', 'state.already', '/body/key', async () => {
    const party = await guarded();
    const device = newSigner();
    await vouch(s.anna, party, device);
    return () => vouch(s.anna, party, device);
  });

  it('tells whoever is no guardian nothing, and the party that it was tried', async () => {
    const party = await guarded();
    const device = newSigner();
    const named = await refusalOf(vouch(s.carl, party, device));
    const nobody = await refusalOf(
      s.carl.say('party.readmit/1', { party: 'ab'.repeat(32), key: keyOf(device) }),
    );
    assert.deepEqual([named.code, named.concerns], ['recovery.not-guardian', [party.party]]);
    assert.deepEqual(
      [named.code, named.at, named.detail, named.params],
      [nobody.code, nobody.at, nobody.detail, nobody.params],
    );
    const stranger = await refusalOf(recovering(party, null, { device }));
    const unknown = await refusalOf(
      recovering({ ...party, party: 'ab'.repeat(32), world: s.world } as Actor, null, { device }),
    );
    assert.deepEqual(
      [stranger.code, stranger.at, stranger.detail],
      ['recovery.unvouched', '/body/key', unknown.detail],
    );
    assert.deepEqual([unknown.code, unknown.at], ['recovery.unvouched', '/body/key']);
  });

  refused('signed by another key than the one vouched for', 'chain.broken', '/device', async () => {
    const { party, device } = await vouched();
    await pass(2 * 3600);
    return () => recovering(party, null, { device, signer: newSigner() });
  });
  refused('a new arrangement in between', 'recovery.unvouched', '/body/key', async () => {
    const { party, device } = await vouched();
    await arrange(party, { guardians: [s.anna, s.bert] });
    await pass(2 * 3600);
    return () => recovering(party, null, { device });
  });
  refused(
    'oneself as guardian',
    'header.malformed',
    '/body/guardians/parties/0',
    () => () => arrange(s.eve, { guardians: [s.eve, s.bert] }),
  );
  refused(
    'the centre as guardian',
    'party.unknown',
    '/body/guardians/parties/1',
    () => () => arrange(s.eve, { guardians: [s.anna, s.centre] }),
  );
  refused(
    'one guardian twice',
    'header.malformed',
    '/body/guardians/parties',
    () => () => arrange(s.eve, { guardians: [s.anna, s.anna] }),
  );

  it('knows no circle: neither two that guard each other, nor one that vouches while it waits', async () => {
    const [one, two, three] = [await guarded(), await s.world.party('Two'), await s.world.party('Three')];
    await arrange(two, { guardians: [one, s.carl] });
    const direct = await refusalOf(arrange(one, { guardians: [s.anna, two] }));
    assert.deepEqual(
      [direct.code, direct.at, direct.concerns],
      ['recovery.circular', '/body/guardians/parties/1', [two.party]],
    );
    await arrange(three, { guardians: [one, s.carl] });
    await vouch(s.anna, one, newSigner());
    const waiting = await refusalOf(vouch(one, three, newSigner()));
    assert.deepEqual([waiting.code, waiting.concerns], ['recovery.circular', [three.party]]);
  });
});
