import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { Fake, jsonBody } from '../testing/fake.ts';

const post = (server: FastifyInstance, path: string, payload?: string, headers: object = {}) =>
  server.inject({
    method: 'POST',
    url: `/api/v1/sessions${path}`,
    ...(payload === undefined ? {} : { payload }),
    headers: { ...(payload === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  });

async function challenged(server: FastifyInstance): Promise<string> {
  return (await post(server, '/challenge')).json().challenge;
}

describe('a session', () => {
  it('is opened by a signed challenge, and says whose it is', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const answer = await post(server, '', await fake.request(await challenged(server)));
    assert.equal(answer.statusCode, 201);
    const { token, ...about } = answer.json();
    assert.equal(token.length, 43);
    const expected = {
      party: fake.party,
      device: fake.signer.device,
      purpose: 'event-security',
      justified: false,
    };
    const { expires, ...rest } = about;
    assert.deepEqual(rest, expected);
    assert.equal(Date.parse(expires), fake.now / 1000 + 12 * 3600 * 1000);
    const current = await server.inject({
      url: '/api/v1/sessions/current',
      headers: { authorization: `Bearer ${token}` },
    });
    assert.deepEqual(current.json(), about);
  });

  it('needs a challenge of ours, once, in time', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const request = await fake.request(await challenged(server));
    assert.equal((await post(server, '', request)).statusCode, 201);
    const replayed = await post(server, '', request);
    assert.deepEqual([replayed.statusCode, replayed.json().code], [401, 'session.challenge']);
    const late = await fake.request(await challenged(server));
    fake.now += 121 * 1_000_000;
    assert.equal((await post(server, '', late)).json().code, 'session.challenge');
    assert.equal((await post(server, '', await fake.request('made-up'))).json().code, 'session.challenge');
  });

  it('tells nobody whether a device is enrolled', async () => {
    const fake = await Fake.open();
    const other = await Fake.open();
    const server = await fake.server();
    const unknown = await post(server, '', await other.request(await challenged(server)));
    const signed = JSON.parse(await fake.request(await challenged(server)));
    signed.signatures[0].sig = Buffer.alloc(64, 1).toString('base64');
    const wrong = await post(server, '', JSON.stringify(signed));
    assert.deepEqual([unknown.statusCode, unknown.json()], [401, wrong.json()]);
    assert.equal(wrong.json().code, 'device.unknown');
  });

  it('is refused to a device that is revoked, has ended or may not read, and to another centre', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const codeOf = async (about: object = {}) =>
      (await post(server, '', await fake.request(await challenged(server), about))).json().code;
    fake.device = { revoked: 1 };
    assert.equal(await codeOf(), 'device.revoked');
    fake.device = { ends: fake.now };
    assert.equal(await codeOf(), 'device.ended');
    fake.device = { rights: ['speak'] };
    assert.equal(await codeOf(), 'device.right');
    fake.device = {};
    assert.equal(await codeOf({ centre: 'other.example' }), 'session.malformed');
    assert.equal(await codeOf({ purpose: 'x-unknown' }), 'purpose.unknown');
    assert.equal(await codeOf({ extra: 1 }), 'session.malformed');
    assert.equal((await post(server, '', '{"payload":1}')).json().code, 'dsse.malformed');
    assert.equal((await post(server, '', '{"a":1,"a":2}')).json().code, 'json.duplicate-key');
  });

  it('ends with its device', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    fake.device = { ends: fake.now + 3_600_000_000 };
    const answer = await post(server, '', await fake.request(await challenged(server)));
    assert.equal(Date.parse(answer.json().expires), fake.now / 1000 + 3_600_000);
  });

  it('is never taken for the public when it has ended', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const headers = await fake.signIn(server);
    const ask = (given: object) => server.inject({ url: '/api/v1/parties', headers: { ...given } });
    assert.equal((await ask(headers)).statusCode, 200);
    fake.device = { revoked: 1 };
    assert.equal((await ask(headers)).json().code, 'device.revoked');
    fake.device = {};
    assert.equal((await ask(headers)).json().code, 'session.unknown', 'it ended when it was looked at');
    const other = await fake.signIn(server);
    assert.equal(
      (await server.inject({ method: 'DELETE', url: '/api/v1/sessions/current', headers: other })).statusCode,
      204,
    );
    const ended = await ask(other);
    assert.deepEqual([ended.statusCode, ended.json().code], [401, 'session.unknown']);
    for (const authorization of ['Bearer x', 'Basic YTpi', ''])
      assert.equal((await ask({ authorization })).statusCode, 401, authorization);
    assert.equal((await ask({})).statusCode, 200);
  });

  it('steps once to another purpose, is recorded first, and keeps its end', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const headers = await fake.signIn(server);
    const until = fake.now + 12 * 3600 * 1_000_000;
    fake.now += 3_600_000_000;
    const stepped = await post(server, '/step', '{"justification":"a threat to life"}', headers);
    assert.equal(stepped.statusCode, 201);
    assert.equal(stepped.json().justified, true);
    assert.equal(stepped.json().purpose, 'event-security');
    assert.equal(Date.parse(stepped.json().expires), until / 1000);
    assert.deepEqual(
      fake.accesses.map(({ justification, list }) => [justification, list]),
      [['a threat to life', []]],
    );
    assert.equal((await post(server, '/step', '{}', headers)).json().code, 'session.unknown');
    const next = { authorization: `Bearer ${stepped.json().token}` };
    assert.equal(
      (await post(server, '/step', '{"purpose":"x-unknown"}', next)).json().code,
      'purpose.unknown',
    );
    assert.equal((await post(server, '/step', '{"justification":""}', next)).json().code, 'body.malformed');
    fake.journalFails = true;
    assert.equal((await post(server, '/step', '{"purpose":"cyber-defence"}', next)).statusCode, 500);
  });

  it('takes no justification that says nothing', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const opened = async (justification: string) =>
      post(server, '', await fake.request(await challenged(server), { justification }));
    const empty = ['', ' ', '\u200b', '.', ' a1 ', '\u200b\u200b\u200b\u2060', '...', 'x'.repeat(4_001)];
    for (const justification of empty) {
      const answer = await opened(justification);
      assert.deepEqual([answer.statusCode, answer.json().code], [400, 'session.malformed'], justification);
      assert.equal(answer.json().at, '/payload/justification');
      const headers = await fake.signIn(server);
      const stepped = await post(server, '/step', JSON.stringify({ justification }), headers);
      assert.deepEqual([stepped.statusCode, stepped.json().code], [400, 'body.malformed'], justification);
    }
    for (const justification of ['a 7 b', 'Ürü', '事件七', '𐐀𐐁𐐂', 'x'.repeat(4_000)])
      assert.equal((await opened(justification)).json().justified, true, justification);
    assert.equal((await opened('𐐀.')).statusCode, 400, 'a letter of two code units is one');
  });

  it('is needed where a party is asked for', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const answer = await server.inject('/api/v1/tasks');
    assert.deepEqual([answer.statusCode, answer.json().code], [401, 'session.needed']);
    assert.equal(
      (await post(server, '/step', ...([jsonBody('{}').payload] as const))).json().code,
      'session.needed',
    );
  });
});
