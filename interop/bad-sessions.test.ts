/** Signing in as somebody else, twice, elsewhere, or by guessing. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { base64url } from '@parley/core/bytes.ts';
import { sessionType } from '@parley/core/session.ts';
import { type Signer, signPayload, statementType } from '@parley/core/statement.ts';
import { Challenges } from '../server/journals/challenges.ts';
import type { Commit } from '../server/journals/ports.ts';
import { type Actor, indicator, newSigner, random } from '../server/testing/actor.ts';
import { beginHostile, type Hostile } from './testing/hostile.ts';

describe('a session', () => {
  let h: Hostile;
  before(async () => {
    h = await beginHostile();
  });
  after(() => h.end());
  afterEach(() => h.unharmed());

  const send = (body: object) =>
    h.fetch('/api/v1/sessions', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  const challenge = async (): Promise<string> =>
    (
      JSON.parse((await h.fetch('/api/v1/sessions/challenge', { method: 'POST' })).text) as {
        challenge: string;
      }
    ).challenge;
  const request = async (by: Actor, about: object = {}, type = sessionType) => {
    const payload = {
      centre: h.served.world.centre.name,
      party: by.party,
      device: by.signer.device,
      purpose: 'event-security',
      justification: null,
      challenge: await challenge(),
      ...about,
    };
    return signPayload(type, payload, by.signer);
  };
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  const signIn = async (by: Actor): Promise<string> =>
    (JSON.parse((await send(await request(by))).text) as { token: string }).token;

  it('is opened by a challenge once', async () => {
    const signed = await request(h.anna);
    const answers = await Promise.all([1, 2, 3, 4].map(() => send(signed)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 401, 401, 401]);
    assert.equal((await send(signed)).code, 'session.challenge');
  });

  it('is not opened by a challenge of another centre, or of nobody', async () => {
    const unasked: Commit = () => assert.fail('it was looked for');
    const others = [
      new Challenges(random(32), unasked).challenge(h.served.world.centre.now()).challenge,
      base64url(random(56)),
      'x'.repeat(512),
      '',
    ];
    for (const one of others)
      assert.equal((await send(await request(h.anna, { challenge: one }))).code, 'session.challenge');
    const long = await send(await request(h.anna, { challenge: 'x'.repeat(513) }));
    assert.equal(long.code, 'session.malformed');
  });

  it('that was signed for another centre is worth nothing here', async () => {
    assert.equal((await send(await request(h.anna, { centre: 'other.example' }))).code, 'session.malformed');
  });

  it('is not opened by a statement, nor a statement said by a session', async () => {
    assert.equal((await send(await request(h.anna, {}, statementType))).code, 'dsse.type');
    assert.equal((await h.post(JSON.stringify(await request(h.anna)))).code, 'dsse.type');
  });

  it('is opened by a device of the party alone, and tells nobody who is enrolled', async () => {
    const stranger: Signer = newSigner();
    const told = await send(
      await request(h.anna, { device: stranger.device }).then((one) => ({
        ...one,
        signatures: [{ ...one.signatures[0], keyid: stranger.device }],
      })),
    );
    assert.deepEqual([told.status, told.code], [401, 'device.unknown']);
    const foreign = await send(await request(h.bert, { party: h.anna.party }));
    const nobody = await send(await request(h.bert, { party: stranger.device }));
    const forged = await request(h.bert, { party: h.anna.party, device: h.anna.signer.device });
    const wrong = await send({
      ...forged,
      signatures: [{ ...forged.signatures[0], keyid: h.anna.signer.device }],
    });
    for (const one of [foreign, nobody, wrong]) assert.deepEqual(one, told);
  });

  it('ends the moment its device is revoked, and the events with it', async () => {
    const second = await h.anna.enrol(['read']);
    h.expect(1);
    const token = await signIn(second);
    assert.equal((await h.fetch('/api/v1/tasks', bearer(token))).status, 200);
    const events = await fetch(`${h.served.url}/api/v1/events`, bearer(token));
    const reading = events.text();
    await h.anna.say('device.revoke/1', { device: second.signer.device });
    const { ref } = await h.anna.share(h.room, [indicator('after')]);
    h.expect(2);
    assert.equal((await h.fetch('/api/v1/tasks', bearer(token))).status, 401);
    assert.ok(!(await reading).includes(ref.id));
    assert.ok(!(await reading).includes('share/1'));
    assert.equal((await send(await request(second))).code, 'device.revoked');
  });

  it('is not found by guessing: every wrong token is told the same', async () => {
    const ended = await signIn(h.anna);
    await h.fetch('/api/v1/sessions/current', { method: 'DELETE', ...bearer(ended) });
    const tokens = [
      ended,
      ...Array.from({ length: 300 }, () => base64url(random(32))),
      '',
      'x',
      'x'.repeat(5_000),
      '../..',
    ];
    const told = await h.fetch('/api/v1/tasks', bearer(ended));
    assert.deepEqual([told.status, told.code], [401, 'session.unknown']);
    for (const path of ['/api/v1/tasks', '/api/v1/centre', `/api/v1/rooms/${h.room}/parts`])
      for (const token of tokens) assert.deepEqual(await h.fetch(path, bearer(token)), told);
    for (const authorization of ['Basic YTpi', 'Bearer', ended, `Bearer ${ended} x`])
      assert.deepEqual(await h.fetch('/api/v1/tasks', { headers: { authorization } }), told);
  });

  it('that is refused leaves the memory as it was', async () => {
    const signed = await request(h.anna, { challenge: 'none' });
    const wrong = {
      ...signed,
      signatures: [{ ...signed.signatures[0], sig: Buffer.alloc(64).toString('base64') }],
    };
    const many = async (count: number) => {
      for (let i = 0; i < count; i += 20)
        await Promise.all(
          Array.from({ length: 20 }, async (_, n) => {
            const { status } = await (n % 4 === 0
              ? h.fetch('/api/v1/sessions/challenge', { method: 'POST' })
              : send(n % 2 ? signed : wrong));
            assert.ok(status === 200 || status === 401);
          }),
        );
      return h.heap();
    };
    const warm = await many(200);
    const grown = (await many(2_000)) - warm;
    assert.ok(grown < 16 * 1024 * 1024, `the heap has grown by ${Math.round(grown / 1024)} KiB`);
  });
});
