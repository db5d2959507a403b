/** Who speaks, when, and for the first time: what is asked of every statement. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { base64 } from '@parley/core/bytes.ts';
import { enrolConsent } from '@parley/core/keys.ts';
import { rootOf } from '@parley/core/merkle.ts';
import { makePart, partLeaf } from '@parley/core/parts.ts';
import { Actor, indicator, newSigner, random, terms } from '../testing/actor.ts';
import { begin, refusalOf, resigned, type Setting, table } from './testing/setting.ts';

describe('admission', () => {
  let s: Setting;
  let room: string;
  const { refused, admitted } = table(() => s);
  const rows = () => ({ parts: [makePart(terms, random)] });

  before(async () => {
    s = await begin();
    room = await s.world.room([s.anna, s.bert]);
  });
  after(() => s.end());

  refused('what was said to another centre', 'header.centre', '/centre', async () => {
    const { parts } = rows();
    const made = await s.anna.make('room.open/1', {}, { parts });
    const elsewhere = await resigned(made, { centre: 'other.example' }, s.anna.signer);
    return () => s.world.centre.submit(elsewhere, parts);
  });

  for (const [name, seconds] of [
    ['a clock that is ahead', 301],
    ['a clock that is behind', -301],
  ] as const)
    refused(name, 'clock.skew', '/at', async () => {
      const { parts } = rows();
      const made = await s.anna.make('room.open/1', {}, { parts });
      const skewed = await resigned(made, { at: s.at(seconds) }, s.anna.signer);
      return () => s.world.centre.submit(skewed, parts);
    });

  for (const seconds of [290, -290])
    admitted(`a clock that is ${seconds} seconds off`, async () => {
      const { parts } = rows();
      const made = await s.anna.make('room.open/1', {}, { parts });
      await s.world.centre.submit(await resigned(made, { at: s.at(seconds) }, s.anna.signer), parts);
    });

  refused('the same signed bytes again', 'statement.id-known', '/id', async () => {
    const { statement, parts } = await s.anna.share(room, [indicator('once')]);
    return () => s.world.centre.submit(statement, parts);
  });

  refused(
    'the same signed bytes a day later, by what they are and not by their time',
    'statement.id-known',
    '/id',
    async () => {
      const { statement, parts } = await s.anna.share(room, [indicator('old')]);
      s.later(24 * 3600 - 60);
      return () => s.world.centre.submit(statement, parts);
    },
  );

  refused('the same signed bytes after they were taken back', 'statement.id-known', '/id', async () => {
    const { statement, parts, ref } = await s.anna.share(room, [indicator('gone')]);
    await s.anna.recall(room, ref);
    return () => s.world.centre.submit(statement, parts);
  });

  refused('other bytes with a known id', 'statement.id-known', '/id', async () => {
    const { statement, parts } = await s.anna.share(room, [indicator('first')]);
    const other = [makePart(indicator('second'), random)];
    const root = base64(rootOf(other.map(partLeaf)));
    const change = { parts: { count: parts.length, root } };
    const changed = await resigned(statement, change, s.anna.signer);
    return () => s.world.centre.submit(changed, other);
  });

  admitted('an id that another party has used: it is (party, id) that counts', async () => {
    const { statement } = await s.anna.share(room, [indicator('mine')]);
    const parts = [makePart(indicator('its'), random)];
    const made = await s.bert.make('share/1', statement.header.body, { room, parts });
    await s.world.centre.submit(await resigned(made, { id: statement.header.id }, s.bert.signer), parts);
  });

  it('admits one of the same bytes that come twice at once', async () => {
    const parts = [makePart(indicator('twice'), random)];
    const { handling } = (await s.anna.share(room, [indicator('x')])).statement.header.body as {
      handling: object;
    };
    const made = await s.anna.make('share/1', { handling }, { room, parts });
    const both = await Promise.allSettled([1, 2].map(() => s.world.centre.submit(made, parts)));
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  });

  refused('a device that nobody enrolled', 'device.unknown', '/device', () => {
    const stranger = new Actor(s.world, s.anna.party, newSigner());
    return () => stranger.share(room, [indicator('x')]);
  });

  refused('a device of one party in the name of another', 'device.unknown', '/device', () => {
    const mask = new Actor(s.world, s.anna.party, s.bert.signer);
    return () => mask.share(room, [indicator('x')]);
  });

  refused('a party that there is not', 'device.unknown', '/device', () => {
    const nobody = new Actor(s.world, newSigner().device, s.bert.signer);
    return () => nobody.openRoom();
  });

  it('tells the wrong signature of a device from an unknown device to nobody', async () => {
    const parts = [makePart(terms, random)];
    const forge = async (device: string) => {
      const statement = await s.eve.make('room.open/1', {}, { parts });
      const header = { ...statement.header, party: s.anna.party, device };
      const envelope = { ...statement.envelope, keyid: device };
      return refusalOf(s.world.centre.submit({ header, envelope }, parts));
    };
    assert.deepEqual(await forge(s.anna.signer.device), await forge(newSigner().device));
  });

  it('tells nobody but the party itself which ids are known', async () => {
    const { statement } = await s.anna.share(room, [indicator('x')]);
    const parts = [makePart(terms, random)];
    const made = await s.eve.make('room.open/1', {}, { parts });
    const ask = async (id: string) =>
      refusalOf(
        s.world.centre.submit(await resigned(made, { party: s.anna.party, id }, s.eve.signer), parts),
      );
    assert.deepEqual(await ask(statement.header.id), await ask(crypto.randomUUID()));
  });

  refused('a revoked device', 'device.revoked', '/device', async () => {
    const second = await s.anna.enrol(['read', 'speak']);
    await s.anna.say('device.revoke/1', { device: second.signer.device });
    return () => second.share(room, [indicator('x')]);
  });

  refused('a device whose end has come', 'device.ended', '/device', async () => {
    const second = await s.anna.enrol(['speak'], s.at(60));
    await second.share(room, [indicator('in time')]);
    s.later(60);
    return () => second.share(room, [indicator('late')]);
  });

  for (const [right, rights, say] of [
    ['speak', ['read', 'govern'], (by: Actor) => by.share(room, [indicator('x')])],
    ['govern', ['read', 'speak'], (by: Actor) => by.openRoom()],
    ['govern', ['read', 'speak'], (by: Actor) => by.enrol(['read'])],
  ] as const)
    refused(`a device without the right to ${right}`, 'device.right', '/device', async () => {
      const second = await s.anna.enrol(rights);
      return () => say(second);
    });

  refused('a second opening of the centre', 'centre.opened', undefined, async () => {
    const signer = newSigner();
    const parts = [makePart({ name: 'Other', device: 'centre' }, random)];
    const body = { key: base64(signer.publicKey), logs: [...s.world.centre.vkeys] };
    const made = await new Actor(s.world, signer.device, signer).make('centre.open/1', body, { parts });
    return () => s.world.centre.submit(made, parts);
  });

  it('refuses a founding whose party is not its key', async () => {
    const signer = newSigner();
    const parts = [makePart({ name: 'Other', device: 'centre' }, random)];
    const body = { key: base64(s.anna.signer.publicKey), logs: [...s.world.centre.vkeys] };
    const made = await new Actor(s.world, signer.device, signer).make('centre.open/1', body, { parts });
    assert.equal((await refusalOf(s.world.centre.submit(made, parts))).code, 'chain.broken');
  });

  it('refuses a device whose consent is forged, or was given to another party', async () => {
    const signer = newSigner();
    const parts = [makePart({ name: 'phone' }, random)];
    const consents = [
      new Uint8Array(64),
      await s.anna.signer.sign(enrolConsent(s.world.centre.name, s.anna.party)),
      await signer.sign(enrolConsent(s.world.centre.name, s.bert.party)),
      await signer.sign(enrolConsent('other.example', s.anna.party)),
    ];
    for (const consent of consents) {
      const body = { key: base64(signer.publicKey), rights: ['read'], ends: null, consent: base64(consent) };
      const told = await refusalOf(s.anna.say('device.enrol/1', body, { parts }));
      assert.equal(told.code, 'signature.invalid');
    }
  });
});

it('every code that admission refuses with stands in a row', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts'));
  const text = (tests: boolean) =>
    files
      .filter((name) => name.endsWith('.test.ts') === tests)
      .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
      .join('\n');
  const codes = [...text(false).matchAll(/new Refusal\(\s*'([a-z.-]+)'/g)].map(([, found]) => found);
  assert.ok(codes.length > 30);
  // What is judged without any state has its rows in the vectors.
  const uploads = readFileSync(new URL('../../vectors/files/uploads.json', import.meta.url), 'utf8');
  const rows = text(true) + uploads.replaceAll('"', "'");
  assert.deepEqual(
    [...new Set(codes)].filter((found) => !rows.includes(`'${found}'`)),
    [],
  );
});
