/** How often who may ask: nobody asks without end, and nobody uses up what is another's. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, describe, it, type TestContext } from 'node:test';
import { base64, base64url } from '@parley/core/bytes.ts';
import { uploadBodyType } from '@parley/core/files.ts';
import type { Handling } from '@parley/core/handling.ts';
import { enrolConsent } from '@parley/core/keys.ts';
import { makePart } from '@parley/core/parts.ts';
import { refOf, type Statement } from '@parley/core/statement.ts';
import { kept } from '../server/api/limits.ts';
import type { ServerOptions } from '../server/api/server.ts';
import { Actor, handling, indicator, newSigner, random } from '../server/testing/actor.ts';
import { addConnector, basic } from '../server/testing/connectors.ts';
import { shareFiles, textFile, uploadLine } from '../server/testing/files.ts';
import { keyOf } from '../server/testing/recovery.ts';
import { serve } from '../server/testing/served.ts';
import { World } from '../server/testing/world.ts';
import { envelopeOf, openSession, say, sent, sessionRequest, signIn } from './testing/sending.ts';

const plenty = 1_000_000;
let shared: World | undefined;
after(() => shared?.end());

async function scene(test: TestContext, options: Partial<ServerOptions> = {}) {
  shared ??= await World.begin();
  // One world for all: what is counted is a server's own, and ends with it.
  const lasting = Object.assign(Object.create(shared) as World, { end: async () => {} });
  const served = await serve(lasting, { trustProxy: ['127.0.0.1'], ...options });
  test.after(async () => {
    assert.deepEqual(served.world.doubts, []);
    await served.end();
  });
  const { world, url } = served;
  const [anna, bert] = [await world.party('Anna'), await world.party('Bert')];
  const room = await world.room([anna, bert]);
  /** As a trusted proxy says whose request it is. */
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const ask = (address: string, headers: object = {}, path = '/api/v1/parties') =>
    sent(url + path, { headers: { ...from(address), ...headers } });
  const share = async (by: Actor, address: string, headers: object = {}) => {
    const parts = [makePart(indicator('x'), random)];
    const statement = await by.make('share/1', { handling }, { room, parts });
    return say(url, statement, parts, { ...from(address), ...headers });
  };
  return { world, url, anna, bert, room, from, ask, share };
}

/** Repeats until it is refused as too much; how often it was not. */
async function until429(most: number, once: () => Promise<{ status: number; headers: Headers }>) {
  for (let taken = 0; taken < most; taken++) {
    const { status, headers } = await once();
    if (status !== 429) continue;
    assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/, 'RFC 9110, 10.2.3');
    assert.equal(headers.get('x-ratelimit-remaining'), null, 'how much others asked is nobody’s');
    return taken;
  }
  throw new Error(`never refused in ${most}`);
}

describe('by address', () => {
  it('tokens are not guessed without end, and nobody else is kept out', async (test) => {
    const { url, anna, from, ask } = await scene(test, { rates: { perAddress: 20, perParty: plenty } });
    const session = await signIn(url, anna, {}, from('192.0.2.9'));
    const guess = () => ask('192.0.2.1', { authorization: `Bearer ${base64url(random(32))}` });
    assert.equal(await until429(30, guess), 20);
    const password = () => ask('192.0.2.2', basic(`parleyc_${base64url(random(32))}`));
    assert.equal(await until429(30, password), 20);
    assert.equal((await ask('192.0.2.3', session)).status, 200);
  });

  it('what leads nowhere is counted, too, and every verb', async (test) => {
    const { url, from, ask } = await scene(test, { rates: { perAddress: 9, perParty: plenty } });
    assert.equal(await until429(20, () => ask('192.0.2.1', {}, '/nothing')), 9);
    const put = () => sent(`${url}/api/v1/rooms`, { method: 'PUT', headers: from('192.0.2.2') });
    assert.equal(await until429(20, put), 9);
    const options = () => sent(`${url}/api/v1/rooms`, { method: 'OPTIONS', headers: from('192.0.2.3') });
    assert.equal(await until429(20, options), 9);
    const challenge = () =>
      sent(`${url}/api/v1/sessions/challenge`, { method: 'POST', headers: from('192.0.2.4') });
    assert.equal(await until429(20, challenge), 9);
  });

  it('the token for the figures is guessed at no oftener', async (test) => {
    const rates = { perAddress: 9, perParty: plenty };
    const { ask } = await scene(test, { rates, metricsToken: 'a token' });
    const guess = () => ask('192.0.2.1', { authorization: 'Bearer x' }, '/metrics');
    assert.equal(await until429(20, guess), 9);
    const right = { authorization: 'Bearer a token' };
    assert.equal((await ask('192.0.2.2', right, '/metrics')).status, 200);
  });

  it('one household of IPv6 is one address, and IPv4 in either spelling', async (test) => {
    const { ask } = await scene(test, { rates: { perAddress: 6, perParty: plenty } });
    let n = 0;
    assert.equal(await until429(20, () => ask(`2001:db8:0:7::${(n++).toString(16)}`)), 6);
    assert.equal((await ask('2001:db8:0:8::1')).status, 200);
    assert.equal(await until429(20, () => ask(n++ % 2 ? '192.0.2.5' : '::ffff:192.0.2.5')), 6);
    assert.equal((await ask('::ffff:192.0.2.6')).status, 200);
  });

  it('only a proxy of the configuration is believed', async (test) => {
    const rates = { perAddress: 6, perParty: plenty };
    const { ask } = await scene(test, { rates, trustProxy: ['192.0.2.77'] });
    let n = 0;
    const invented = () => {
      const address = `198.51.100.${n++}`;
      const headers = { forwarded: `for=${address}`, 'x-real-ip': address, 'x-client-ip': address };
      return ask(address, headers);
    };
    assert.equal(await until429(20, invented), 6);
  });

  it('what the public reads is counted by its size', async (test) => {
    const { anna, room, ask } = await scene(test, { rates: { perAddress: 12, perParty: plenty } });
    const objects = Array.from({ length: 4 }, () => indicator('x'.repeat(60_000)));
    const open: Partial<Handling> = {
      ...{ to: 'public', purposes: ['public-information'], tlp: 'clear', onward: 'room' },
    };
    await anna.share(room, objects, open);
    const list = `/api/v1/rooms/${room}/parts`;
    const taken = await until429(20, () => ask('192.0.2.1', {}, list));
    assert.ok(taken < 8, `four each: ${taken}`);
    assert.equal((await ask('192.0.2.2', {}, list)).status, 200);
  });

  it('who came through two proxies is who the last trusted one names', async (test) => {
    const { ask } = await scene(test, { rates: { perAddress: 6, perParty: plenty } });
    let n = 0;
    assert.equal(await until429(20, () => ask(`198.51.100.${n++}, 192.0.2.8`)), 6);
  });

  it('connections of one are bounded, and those of a proxy are not its own', async (test) => {
    /** Of eight that say nothing, those that are closed: as many as are waited for, or those of half a second. */
    const closed = async (url: string, wanted: number) => {
      const sockets = Array.from({ length: 8 }, () => connect(Number(new URL(url).port), '127.0.0.1'));
      let count = 0;
      await new Promise<void>((resolve) => {
        if (wanted === 0) setTimeout(resolve, 500);
        for (const socket of sockets)
          socket
            .on('error', () => {})
            .on('close', () => {
              count++;
              if (count === wanted) resolve();
            });
      });
      for (const socket of sockets) socket.destroy();
      return count;
    };
    const direct = await scene(test, { connectionsEach: 3, trustProxy: [] });
    assert.equal(await closed(direct.url, 5), 5);
    const proxied = await scene(test, { connectionsEach: 3 });
    assert.equal(await closed(proxied.url, 0), 0);
  });
});

describe('by party', () => {
  /** Of 300 a minute, each device has 3 of its own, beside what is kept for it. */
  const rates = { perAddress: plenty, perParty: 300 };

  it('a device that asks without end keeps its party neither from reading nor from revoking it', async (test) => {
    const { world, url, anna, bert, from, ask } = await scene(test, { rates });
    const runaway = await anna.enrol(['read', 'speak']);
    const token = await signIn(url, runaway);
    let n = 0;
    const asked = await until429(400, () => ask(`192.0.2.${n++ % 250}`, token));
    assert.equal(asked, kept + 3 + 300 - 1, 'one was the session');
    const own = await signIn(url, anna, {}, from('203.0.113.1'));
    assert.equal((await ask('203.0.113.1', own)).status, 200);
    const revoke = await anna.make('device.revoke/1', { device: runaway.signer.device });
    assert.equal((await say(url, revoke, [], { ...from('203.0.113.1'), ...own })).status, 201);
    assert.equal((await ask('192.0.2.1', token)).status, 401);
    assert.equal((await ask('192.0.2.1', await signIn(url, bert))).status, 200, 'others notice nothing');
    assert.deepEqual(world.doubts, []);
  });

  it('statements count by their signature, from whatever address, and a recall still comes through', async (test) => {
    const { url, anna, room, share } = await scene(test, { rates: { perAddress: plenty, perParty: 100 } });
    const early = await anna.share(room, [indicator('early')]);
    const runaway = await anna.enrol(['speak']);
    let n = 0;
    assert.equal(await until429(200, () => share(runaway, `192.0.2.${n++ % 250}`)), kept + 1 + 100);
    const recall = await anna.make('recall/1', { target: early.ref, parts: null }, { room });
    assert.equal((await say(url, recall)).status, 201);
  });

  it('files count as statements do, and what the log has already does not', async (test) => {
    const { url, anna, room, share } = await scene(test, { rates: { perAddress: plenty, perParty: 20 } });
    const runaway = await anna.enrol(['speak']);
    let n = 0;
    const bring = async (line: Uint8Array, bytes: Uint8Array) =>
      sent(`${url}/api/v1/files`, {
        method: 'POST',
        headers: { 'content-type': uploadBodyType, 'x-forwarded-for': `192.0.2.${n++ % 250}` },
        body: Buffer.concat([line, Buffer.from('\n'), bytes]),
      });
    const file = textFile('brought once');
    const { line, part } = await uploadLine(runaway, file);
    assert.equal((await bring(line, file.bytes)).status, 201);
    await shareFiles(runaway, room, [file], { parts: [part] });
    for (let i = 0; i < 30; i++) assert.equal((await bring(line, file.bytes)).code, 'file.known');
    // What is refused after its signature held costs as much as what is taken.
    const other = async () => {
      const next = textFile(`another ${n}`);
      const { line } = await uploadLine(runaway, next, n % 2 ? { type: 'image/png' } : {});
      return bring(line, next.bytes);
    };
    assert.equal(await until429(80, other), kept + 20 - 1);
    assert.equal((await share(runaway, '192.0.2.1')).status, 429, 'what it says counts with it');
  });

  it('sessions are not opened without end', async (test) => {
    const { url, anna, bert } = await scene(test, { rates: { perAddress: plenty, perParty: 20 } });
    const open = async () => openSession(url, await sessionRequest(url, anna));
    assert.equal(await until429(80, open), kept + 20);
    assert.equal((await openSession(url, await sessionRequest(url, bert))).status, 201);
  });

  it('who has the bytes that another signed does not use up that one’s share', async (test) => {
    const { url, anna, room, share } = await scene(test, { rates: { perAddress: plenty, perParty: 20 } });
    const parts = [makePart(indicator('once'), random)];
    const statement = await anna.make('share/1', { handling }, { room, parts });
    assert.equal((await say(url, statement, parts)).status, 201);
    for (let i = 0; i < 40; i++) assert.equal((await say(url, statement, parts)).code, 'statement.id-known');
    const damaged = [makePart(indicator('damaged'), random)];
    for (let i = 0; i < 40; i++) assert.equal((await say(url, statement, damaged)).code, 'parts.root');
    for (let i = 0; i < 10; i++) assert.equal((await say(url, statement)).code, 'parts.count');
    // Refused, so that it stays unknown: it counts when it is first refused, and for whoever sends it again.
    const outside = await anna.make('share/1', { handling }, { room: crypto.randomUUID(), parts });
    for (let i = 0; i < 50; i++) assert.equal((await say(url, outside, parts)).code, 'room.unknown');
    assert.equal(await until429(80, () => share(anna, '192.0.2.1')), kept + 20 - 2);
    assert.equal((await say(url, statement, parts)).code, 'statement.id-known', 'nobody is told of it');
    const recall = await anna.make('recall/1', { target: refOf(statement.header), parts: null }, { room });
    assert.equal((await say(url, recall)).status, 201);
  });

  it('nobody uses up the share of a party by speaking in its name', async (test) => {
    const { url, anna, bert, room, share } = await scene(test, {
      rates: { perAddress: plenty, perParty: 20 },
    });
    const parts = [makePart(indicator('in her name'), random)];
    const inHerName = new Actor(bert.world, anna.party, bert.signer);
    const stranger = newSigner();
    const consent = base64(await stranger.sign(enrolConsent('centre.example', anna.party)));
    const back = { key: keyOf(stranger), ends: null, consent, by: 'guardians', recovery: null, revoke: true };
    const profile = [makePart({ name: 'new desk' }, random)];
    for (let i = 0; i < 50; i++) {
      const said = await inHerName.make('share/1', { handling }, { room, parts });
      assert.equal((await say(url, said, parts)).code, 'device.unknown');
      const returning = new Actor(bert.world, anna.party, stranger);
      const recover = await returning.make('party.recover/1', back, { parts: profile });
      assert.equal((await say(url, recover, profile)).code, 'recovery.unvouched');
    }
    const revoked = await anna.enrol(['speak']);
    await anna.say('device.revoke/1', { device: revoked.signer.device });
    for (let i = 0; i < 50; i++) assert.equal((await share(revoked, '192.0.2.1')).code, 'device.revoked');
    assert.equal(await until429(80, () => share(anna, '192.0.2.1')), kept + 20);
  });

  it('what a thief enrols keeps no other device of the party from revoking it', async (test) => {
    const { url, anna, room, share, ask } = await scene(test, {
      rates: { perAddress: plenty, perParty: 40 },
    });
    const early = await anna.share(room, [indicator('early')]);
    const stolen = await anna.enrol(['read', 'speak', 'govern']);
    let n = 0;
    for (const helper of [await stolen.enrol(['read']), await stolen.enrol(['read'])]) {
      const token = await signIn(url, helper);
      await until429(100, () => ask(`192.0.2.${n++ % 250}`, token));
    }
    assert.equal((await until429(100, () => share(stolen, '192.0.2.1'))) > 0, true);
    // The desk signs in, looks around until it has used up what is kept for it, and takes back all the same.
    const own = await signIn(url, anna);
    assert.equal(await until429(60, () => ask('203.0.113.1', own)), kept - 1);
    const urgent = [
      await anna.make('device.revoke/1', { device: stolen.signer.device }),
      await anna.make('recall/1', { target: early.ref, parts: null }, { room }),
    ];
    for (const statement of urgent) assert.equal((await say(url, statement, [], own)).status, 201);
    assert.equal((await say(url, urgent[0] as Statement, [], own)).status, 200, 'the first receipt');
    assert.equal((await share(anna, '203.0.113.1', own)).status, 429, 'what is not urgent waits');
    const more = async () =>
      say(url, await anna.make('recall/1', { target: early.ref, parts: null }, { room }), [], own);
    assert.equal(await until429(60, more), kept - 3, 'that is bounded, too');
  });

  it('whether a party asks much is told to none but itself', async (test) => {
    const { url, anna, room, share } = await scene(test, { rates: { perAddress: plenty, perParty: 5 } });
    await until429(40, () => share(anna, '192.0.2.1'));
    const parts = [makePart(indicator('forged'), random)];
    const statement = await anna.make('share/1', { handling }, { room, parts });
    const json = envelopeOf(statement);
    const signatures = [{ ...json.signatures[0], sig: base64(random(64)) }];
    const forged = await sent(`${url}/api/v1/statements`, {
      method: 'POST',
      body: JSON.stringify({ ...json, signatures }),
      headers: { 'content-type': 'application/x-ndjson' },
    });
    assert.notEqual(forged.status, 429);
    const request = JSON.parse(await sessionRequest(url, anna));
    const wrong = [{ ...request.signatures[0], sig: base64(random(64)) }];
    const opened = await openSession(url, JSON.stringify({ ...request, signatures: wrong }));
    assert.deepEqual([opened.status, opened.code], [401, 'device.unknown']);
    assert.equal((await openSession(url, JSON.stringify(request))).status, 429);
  });

  it('a connector uses up its own alone', async (test) => {
    const { url, anna, room, ask } = await scene(test, { rates: { perAddress: plenty, perParty: 30 } });
    const [noisy, quiet] = [
      await addConnector(anna, { rooms: [room] }),
      await addConnector(anna, { rooms: [room] }),
    ];
    const list = `/api/v1/rooms/${room}/parts`;
    assert.equal(await until429(60, () => ask('192.0.2.1', basic(noisy.token), list)), 30);
    assert.equal((await ask('192.0.2.1', basic(quiet.token), list)).status, 200);
    assert.equal((await ask('192.0.2.1', await signIn(url, anna), list)).status, 200);
  });
});

describe('streams of events', () => {
  /** Opened in turn and left open: how many came to be. */
  async function opened(url: string, most: number, headersOf: (n: number) => Record<string, string>) {
    const stop = new AbortController();
    let count = 0;
    for (let n = 0; n < most; n++) {
      const answer = await fetch(`${url}/api/v1/events`, { headers: headersOf(n), signal: stop.signal });
      if (answer.status === 200) count++;
      else await answer.arrayBuffer();
    }
    return { count, close: () => stop.abort() };
  }

  it('the public has half of them, a household its few, and a party finds room', async (test) => {
    const events = { streams: 12, streamsEach: 4, patience: 1_000 };
    const rates = { perAddress: plenty, perParty: plenty };
    const { url, anna, from } = await scene(test, { events, rates });
    const household = await opened(url, 9, (n) => from(`2001:db8::${n.toString(16)}`));
    assert.equal(household.count, 4);
    const crowd = await opened(url, 9, (n) => from(`198.51.100.${n}`));
    assert.equal(crowd.count, 2, 'half of twelve');
    const token = await signIn(url, anna);
    const device = await opened(url, 4, () => token);
    assert.equal(device.count, 2, 'half of what a party has');
    const second = await signIn(url, await anna.enrol(['read']));
    const other = await opened(url, 4, () => second);
    assert.equal(other.count, 2);
    for (const { close } of [household, crowd, device, other]) close();
  });
});
