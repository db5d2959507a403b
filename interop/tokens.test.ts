/** Tokens and signatures where they do not belong: given by an attacker, by another site, twice, or elsewhere. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { base64url } from '@parley/core/bytes.ts';
import { makePart } from '@parley/core/parts.ts';
import { handling, indicator, random } from '../server/testing/actor.ts';
import { addConnector, basic, bearer } from '../server/testing/connectors.ts';
import { serve } from '../server/testing/served.ts';
import { World } from '../server/testing/world.ts';
import { sessionOf } from './testing/callers.ts';
import { dismiss, gatherPeers, type Peers } from './testing/peers.ts';
import { envelopeOf, openSession, say, sent, sessionRequest, signIn } from './testing/sending.ts';

const tasks = '/api/v1/tasks';
const current = '/api/v1/sessions/current';

describe('a token', () => {
  let p: Peers;
  before(async () => {
    p = await gatherPeers();
  });
  after(() => dismiss(p));
  const ask = (path: string, headers: object = {}, init: RequestInit = {}) =>
    sent(p.url + path, { ...init, headers: { ...headers } });
  const tokenIn = (text: string) => (JSON.parse(text) as { token: string }).token;

  it('is never chosen by who brings it, and each session has one that never was', async () => {
    const mine = base64url(random(32));
    assert.equal(
      (await openSession(p.url, await sessionRequest(p.url, p.eve, { token: mine }))).code,
      'session.malformed',
    );
    const seen = new Set<string>();
    for (const extra of [{}, { cookie: `token=${mine}` }, { 'x-session': mine, 'x-auth-token': mine }]) {
      const opened = await openSession(p.url, await sessionRequest(p.url, p.anna), extra);
      assert.equal(opened.status, 201);
      assert.equal(opened.headers.get('set-cookie'), null);
      seen.add(tokenIn(opened.text));
    }
    assert.equal(seen.size, 3);
    assert.equal((await ask(tasks, bearer(mine))).status, 401);
  });

  it('is taken from Authorization alone: not from an address, a cookie, a body or another header', async () => {
    const token = await sessionOf(p.anna);
    for (const name of ['access_token', 'token', 'session', 'authorization', 'api_key'])
      for (const path of ['/api/v1/rooms', tasks, current, '/api/v1/events']) {
        const { status } = await ask(`${path}?${name}=${token}`);
        assert.ok([400, 401].includes(status), `${path}?${name}`);
      }
    for (const name of [
      'cookie',
      'x-auth-token',
      'x-api-key',
      'proxy-authorization',
      'x-authorization',
      'last-event-id',
    ])
      for (const value of [token, `Bearer ${token}`, `token=${token}`, `session=${token}`])
        assert.equal((await ask(tasks, { [name]: value })).status, 401, name);
    const { hostname, port } = new URL(p.url);
    await assert.rejects(fetch(`http://${token}:x@${hostname}:${port}${tasks}`), TypeError);
    assert.equal((await ask(tasks, basic(token))).status, 401, 'a session is no password');
  });

  it('that is open is not widened by opening another, nor shown to who opens one', async () => {
    const fixed = await signIn(p.url, p.eve);
    const request = await sessionRequest(p.url, p.anna, { justification: 'a threat to life' });
    const opened = await openSession(p.url, request, fixed);
    assert.equal(opened.status, 201);
    const before = JSON.parse((await ask(current, fixed)).text) as { party: string; justified: boolean };
    assert.deepEqual([before.party, before.justified], [p.eve.party, false]);
    const stepped = await ask(
      '/api/v1/sessions/step',
      { ...fixed, 'content-type': 'application/json' },
      {
        method: 'POST',
        body: '{"justification":"a threat to life"}',
      },
    );
    assert.equal(stepped.status, 201);
    assert.notEqual(`Bearer ${tokenIn(stepped.text)}`, fixed.authorization);
    assert.equal((await ask(current, fixed)).status, 401, 'what it was before is over');
    assert.equal((await ask(current, bearer(tokenIn(opened.text)))).status, 200);
  });

  it('CVE-2026-27960 (OpenCTI: an id that anybody knows was taken as a token): nothing that is known opens anything', async () => {
    const { anna, bert, room, url, world } = p;
    const feed = await addConnector(anna, { rooms: [room] });
    const session = await sessionOf(anna);
    const { ref } = await anna.share(room, [indicator('x')]);
    const sha = (text: string) => createHash('sha256').update(text).digest();
    const forms = [session, feed.token].flatMap((token) => [
      ...(['hex', 'base64', 'base64url'] as const).map((form) => sha(token).toString(form)),
      token.toUpperCase(),
      token.slice(0, -1),
      `${token}A`,
    ]);
    const known = [anna.party, anna.signer.device, bert.party, world.host.party, world.centre.party];
    const ids = [
      room,
      ref.id,
      feed.device,
      ...known,
      ...known.map((id) => Buffer.from(id, 'hex').toString('base64url')),
    ];
    const common = [
      '',
      'admin',
      'ChangeMe',
      'null',
      'undefined',
      'true',
      '0',
      '88ec0c6a-13ce-5e39-b486-354fe4a7084f',
    ];
    for (const text of [...forms, ...ids, ...common])
      for (const headers of [bearer(text), basic(text), basic(text, 'admin'), basic(`parleyc_${text}`)]) {
        const { status, code } = await sent(`${url}/api/v1/tasks`, { headers });
        assert.deepEqual([status, code], [401, 'session.unknown'], text);
      }
    assert.equal((await sent(`${url}/api/v1/tasks`, { headers: bearer(session) })).status, 200);
  });
});

describe('a page of another site', () => {
  let p: Peers;
  before(async () => {
    p = await gatherPeers();
  });
  after(() => dismiss(p));

  it('is told nothing that a browser would let it read', async () => {
    const headers = { origin: 'https://evil.example' };
    const ending = p.table.filter(({ path, method }) => !(path.endsWith('/events') && method === 'GET'));
    for (const { path, method } of ending) {
      const { headers: got } = await sent(p.url + path.replace('*', '0/000.p/1'), { method, headers });
      for (const [name] of got) assert.ok(!name.startsWith('access-control-'), `${method} ${path}: ${name}`);
      assert.equal(got.get('cross-origin-resource-policy'), 'same-origin', path);
    }
    const preflight = {
      ...headers,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    const answer = await sent(`${p.url}/api/v1/statements`, { method: 'OPTIONS', headers: preflight });
    assert.equal(answer.headers.get('access-control-allow-origin'), null);
  });

  it('asks in nobody’s name, whatever a browser sends along by itself', async () => {
    const { anna, room, url, world } = p;
    const { token } = await addConnector(anna, { rooms: [room], rights: ['read', 'speak'] });
    const list = `/api/v1/rooms/${room}/parts`;
    const accesses = async () =>
      (await world.centre.journals.accesses.ofParty(anna.party, null, 100)).accesses.length;
    await anna.share(room, [indicator('x')]);
    const foreign: readonly (readonly [string, object])[] = [
      ['GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
      ['GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
      ['GET', { 'sec-fetch-site': 'same-site' }],
      ['GET', { origin: 'https://evil.example' }],
      ['GET', { origin: 'null' }],
      ['POST', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ];
    const before = await accesses();
    for (const [method, headers] of foreign) {
      const path = method === 'GET' ? list : `/api/v1/rooms/${room}/objects`;
      const told = await p.bare(
        method,
        path,
        { ...basic(token), ...headers },
        method === 'GET' ? undefined : '{}',
      );
      assert.equal(told.status, 403, JSON.stringify(headers));
      assert.match(told.text, /"origin\.other"/);
    }
    assert.equal(await accesses(), before, 'nothing was read in its name');
    const { host } = new URL(url);
    for (const headers of [
      {},
      { 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': 'same-origin' },
      { origin: `http://${host}` },
    ])
      assert.equal((await p.bare('GET', list, { ...basic(token), ...headers })).status, 200);
  });

  it('sends nothing with a form, and links only to what is public', async () => {
    const forms = ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'];
    const posts = p.table.filter(({ method, path }) => method === 'POST' && !path.endsWith('/challenge'));
    for (const type of forms)
      for (const { path } of posts) {
        const headers = { 'content-type': type, 'sec-fetch-site': 'same-origin' };
        const { status } = await sent(p.url + path, { method: 'POST', headers, body: 'x=1' });
        assert.ok(status === 400 || status === 401, `${path} with ${type}: ${status}`);
        const crossing = { ...headers, 'sec-fetch-site': 'cross-site' };
        assert.equal(
          (await sent(p.url + path, { method: 'POST', headers: crossing, body: 'x=1' })).status,
          403,
        );
      }
    assert.equal((await p.bare('GET', '/', { 'sec-fetch-site': 'cross-site' })).status, 200);
  });
});

describe('what was signed', () => {
  let p: Peers;
  before(async () => {
    p = await gatherPeers();
  });
  after(() => dismiss(p));

  it('for one centre is worth nothing at another', async (test) => {
    const other = await serve(await World.begin({ centre: 'other.example' } as object));
    test.after(() => other.end());
    const { anna, room, url } = p;
    const parts = [makePart(indicator('x'), random)];
    const statement = await anna.make('share/1', { handling }, { room, parts });
    const size = other.world.centre.head()?.size;
    const there = await say(other.url, statement, parts);
    assert.ok(there.status >= 400, there.text);
    const opened = await openSession(other.url, await sessionRequest(url, anna));
    assert.ok(opened.status >= 400, opened.text);
    assert.equal(other.world.centre.head()?.size, size);
  });

  it('for one room, by one device or of one kind is nothing else', async () => {
    const { anna, bert, room, url, world } = p;
    const another = await anna.openRoom();
    const parts = [makePart(indicator('x'), random)];
    const statement = await anna.make('share/1', { handling }, { room, parts });
    const json = envelopeOf(statement);
    const text = Buffer.from(json.payload, 'base64').toString();
    const post = (body: object) =>
      sent(`${url}/api/v1/statements`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: `${JSON.stringify(body)}\n`,
      });
    const size = world.centre.head()?.size;
    for (const [was, is] of [
      [room, another],
      [anna.signer.device, bert.signer.device],
      ['share/1', 'recall/1'],
      [statement.header.id, crypto.randomUUID()],
      ['"amber"', '"clear"'],
    ] as const) {
      const payload = Buffer.from(text.replaceAll(was, is)).toString('base64');
      assert.notEqual(payload, json.payload);
      assert.ok((await post({ ...json, payload })).status >= 400, is);
      const signatures = [{ ...json.signatures[0], keyid: bert.signer.device }];
      assert.ok((await post({ ...json, payload, signatures })).status >= 400, is);
    }
    assert.equal(world.centre.head()?.size, size);
  });
});
