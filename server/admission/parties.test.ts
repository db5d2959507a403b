/** Joining, inviting, enrolling and revoking, rule by rule. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { base64 } from '@parley/core/bytes.ts';
import { enrolConsent } from '@parley/core/keys.ts';
import { makePart } from '@parley/core/parts.ts';
import { Actor, newSigner, random } from '../testing/actor.ts';
import { begin, code, founding, invitationKey, refusalOf, type Setting, table } from './testing/setting.ts';

describe('parties and devices', () => {
  let s: Setting;
  const { refused, admitted } = table(() => s);
  before(async () => {
    s = await begin();
  });
  after(() => s.end());

  const invite = (by: Actor, invitation: string, seconds = 3600) =>
    by.say('party.invite/1', { key: invitationKey(invitation).key, until: s.at(seconds) });
  const found = async (invitation: string, about: Parameters<typeof founding>[2] = {}) => {
    const { statement, parts } = await founding(s.world, invitation, about);
    return () => s.world.centre.submit(statement, parts);
  };
  const withdraw = (by: Actor, invitation: string) =>
    by.say('party.withdraw/1', { key: invitationKey(invitation).key });
  const revoke = (by: Actor, device: Actor) => by.say('device.revoke/1', { device: device.signer.device });

  refused(
    'an invitation by who does not host',
    'device.right',
    undefined,
    () => () => invite(s.anna, code()),
  );
  refused('a second host', 'rule.broken', undefined, () => () => invite(s.centre, code()));
  refused(
    'an invitation that has ended already',
    'header.malformed',
    '/body/until',
    () => () => invite(s.host, code(), 0),
  );
  refused('an invitation with a key that invites already', 'statement.id-known', '/body/key', async () => {
    const known = code();
    await invite(s.host, known);
    return () => invite(s.host, known);
  });

  const whyNot: readonly [string, (invitation: string) => Promise<unknown> | undefined][] = [
    ['that was never given', () => undefined],
    ['that was used', async (it) => [await invite(s.host, it), await (await found(it))()]],
    ['that was withdrawn', async (it) => [await invite(s.host, it), await withdraw(s.host, it)]],
    ['that has ended', async (it) => [await invite(s.host, it, 60), s.later(60)]],
  ];
  for (const [name, prepare] of whyNot)
    refused(`joining by an invitation ${name}`, 'invitation.unknown', '/body/invitation/key', async () => {
      const invitation = code();
      await prepare(invitation);
      return found(invitation);
    });

  it('refuses them all alike', async () => {
    const told = [];
    for (const [, prepare] of whyNot) {
      const invitation = code();
      await prepare(invitation);
      told.push(await refusalOf((await found(invitation))()));
    }
    for (const one of told) assert.deepEqual(one, told[0]);
  });

  refused('joining with the key of a device that is enrolled', 'party.known', undefined, async () => {
    const invitation = code();
    await invite(s.host, invitation);
    return found(invitation, { signer: s.anna.signer });
  });
  refused('a first device that has ended already', 'header.malformed', '/body/ends', async () => {
    const invitation = code();
    await invite(s.host, invitation);
    return found(invitation, { ends: s.at(0) });
  });
  refused('an invitation that was given for another key', 'signature.invalid', undefined, async () => {
    const [mine, others] = [code(), code()];
    await invite(s.host, mine);
    const { statement, parts } = await founding(s.world, others);
    assert.ok(statement.header.kind === 'party.found/1');
    const { invitation, ...rest } = statement.header.body;
    const body = { ...rest, invitation: { ...invitation, key: invitationKey(mine).key } };
    const signer = newSigner();
    const made = await new Actor(s.world, signer.device, signer).make(
      'party.found/1',
      { ...body, key: base64(signer.publicKey) },
      { parts },
    );
    return () => s.world.centre.submit(made, parts);
  });
  refused(
    'joining with a consent that was given at another centre',
    'signature.invalid',
    undefined,
    async () => {
      const invitation = code();
      await invite(s.host, invitation);
      return found(invitation, { centre: 'other.example' });
    },
  );

  for (const [name, prepare] of whyNot.slice(0, 3))
    refused(`withdrawing an invitation ${name}`, 'invitation.unknown', '/body/key', async () => {
      const invitation = code();
      await prepare(invitation);
      return () => withdraw(s.host, invitation);
    });
  refused("withdrawing another's invitation", 'invitation.unknown', '/body/key', async () => {
    const invitation = code();
    await invite(s.host, invitation);
    return () => withdraw(s.anna, invitation);
  });

  const enrolment = async (by: Actor, signer = newSigner(), ends: string | null = null) => {
    const consent = base64(await signer.sign(enrolConsent(s.world.centre.name, by.party)));
    const body = { key: base64(signer.publicKey), rights: ['read'], ends, consent };
    return () => by.say('device.enrol/1', body, { parts: [makePart({ name: 'phone' }, random)] });
  };
  refused('a device that is enrolled already', 'device.known', '/body/key', async () => {
    const second = await s.anna.enrol(['read']);
    return enrolment(s.anna, second.signer);
  });
  refused('a device that was revoked', 'device.known', '/body/key', async () => {
    const second = await s.anna.enrol(['read']);
    await revoke(s.anna, second);
    return enrolment(s.anna, second.signer);
  });
  refused('a device that another party has enrolled', 'device.known', '/body/key', async () => {
    const second = await s.anna.enrol(['read']);
    return enrolment(s.bert, second.signer);
  });
  refused('a device that has ended already', 'header.malformed', '/body/ends', () =>
    enrolment(s.anna, newSigner(), s.at(0)),
  );
  refused('a device that the host invents for a party', 'device.unknown', '/device', () =>
    enrolment(new Actor(s.world, s.anna.party, s.host.signer)),
  );
  refused('a device that the centre invents for a party', 'device.unknown', '/device', () =>
    enrolment(new Actor(s.world, s.anna.party, s.centre.signer)),
  );
  refused('a device that a revoked one enrols', 'device.revoked', '/device', async () => {
    const second = await s.anna.enrol(['govern']);
    await revoke(s.anna, second);
    return enrolment(second);
  });

  refused(
    "revoking another party's device",
    'target.unknown',
    '/body/device',
    () => () => revoke(s.anna, s.bert),
  );
  refused(
    'revoking what is no device',
    'target.unknown',
    '/body/device',
    () => () => revoke(s.anna, new Actor(s.world, s.anna.party, newSigner())),
  );
  refused('revoking a device twice', 'state.already', '/body/device', async () => {
    const second = await s.anna.enrol(['read']);
    await revoke(s.anna, second);
    return () => revoke(s.anna, second);
  });
  refused('revoking the last device that can govern', 'device.last', '/body/device', async () => {
    await s.bert.enrol(['read', 'speak']);
    return () => revoke(s.bert, s.bert);
  });
  refused('revoking it once the other one has ended', 'device.last', '/body/device', async () => {
    await s.carl.enrol(['govern'], s.at(60));
    s.later(60);
    return () => revoke(s.carl, s.carl);
  });
  refused('two that revoke each other: the first wins', 'device.revoked', '/device', async () => {
    const second = await s.eve.enrol(['govern']);
    await revoke(second, s.eve);
    return () => revoke(s.eve, second);
  });
  refused('the second device, which now is the last', 'device.last', '/body/device', async () => {
    const invitation = code();
    const party = await s.world.join(await invited(invitation), 'Fay');
    const second = await party.enrol(['govern']);
    await revoke(second, party);
    return () => revoke(second, second);
  });

  async function invited(invitation: string): Promise<string> {
    await invite(s.host, invitation);
    return invitation;
  }

  admitted('a device that revokes itself, where another can govern', async () => {
    const second = await s.anna.enrol(['govern']);
    await revoke(second, second);
  });
});
