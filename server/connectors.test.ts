/** Clients that cannot sign, from outside: plain HTTP with a token, and what their party and everyone else sees of it. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { tokenPrefix } from '@parley/core/connectors.ts';
import { Refusal } from '@parley/core/errors.ts';
import { makePart } from '@parley/core/parts.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { openCentre } from '@parley/sdk/centre.ts';
import { memoryInRam } from '@parley/sdk/memory.ts';
import { checkCentre } from './check-centre.ts';
import { connectorShare, offerConnector } from './connectors.ts';
import { type Actor, indicator, newSigner, random } from './testing/actor.ts';
import { addConnector, basic, bearer, enrolmentOf } from './testing/connectors.ts';
import { located } from './testing/located.ts';
import { type Served, serve } from './testing/served.ts';
import { World } from './testing/world.ts';

type Headers = Record<string, string>;
const rates = { perAddress: 1_000_000, perParty: 1_000_000 };

describe('clients that cannot sign', () => {
  let served: Served;
  let anna: Actor;
  let bert: Actor;
  let room: string;
  let other: string;
  let reader: { device: string; token: string };
  let writer: { device: string; token: string };

  before(async () => {
    served = await serve(await World.begin(), { rates });
    const { world } = served;
    [anna, bert] = [await world.party('Anna'), await world.party('Bert')];
    room = await world.room([anna, bert]);
    other = await world.room([anna, bert]);
    await bert.share(room, [indicator('van at gate 2')]);
    await bert.share(room, [indicator('for threats')], { purposes: ['threat-prevention'] });
    await bert.share(room, [indicator('a witness')], { personal: [{ category: 'witness', nature: 'fact' }] });
    await bert.share(other, [indicator('in the other room')]);
    reader = await addConnector(anna, { rooms: [room] });
    writer = await addConnector(anna, { rooms: [room], rights: ['read', 'speak'] });
  });
  after(async () => {
    const { world } = served;
    assert.deepEqual(world.doubts, []);
    assert.equal(world.centre.disagreements(), 0);
    await world.centre.round();
    await checkCentre({ ...located(world.folder), centre: world.centre.name, now: world.centre.now() });
    await served.end();
  });

  const get = (path: string, headers: Headers) => fetch(`${served.url}/api/v1/${path}`, { headers });
  const post = (path: string, body: string, headers: Headers, type = 'application/json') =>
    fetch(`${served.url}/api/v1/${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': type, ...headers },
    });
  const codeOf = async (response: Response) => ((await response.json()) as { code?: string }).code;
  const send = async (objects: unknown, token = writer.token, into = room) => {
    const response = await post(
      `rooms/${into}/objects`,
      JSON.stringify(objects),
      basic(token),
      'application/stix+json',
    );
    assert.equal(response.status, 200);
    return (await response.json()) as {
      objects: {
        n: number;
        outcome: string;
        code?: string;
        at?: string;
        statement?: { party: string; id: string };
      }[];
      stopped: { code: string } | null;
    };
  };
  const session = async (actor: Actor) => {
    const centre = await openCentre(served.url, { memory: memoryInRam() });
    return centre.session({ signer: actor.signer, party: actor.party, purpose: 'event-security' });
  };

  it('read with Bearer and with Basic, for one purpose, in their rooms, without personal data', async () => {
    for (const headers of [bearer(reader.token), basic(reader.token), basic(reader.token, 'müller')]) {
      const response = await get(`rooms/${room}/parts`, headers);
      const text = await response.text();
      assert.equal(response.status, 200);
      assert.match(text, /van at gate 2/);
      assert.doesNotMatch(text, /for threats|a witness|other room/);
    }
    assert.equal((await get(`rooms/${other}/parts`, bearer(reader.token))).status, 404);
    const rooms = (await (await get('rooms', bearer(reader.token))).json()) as { rooms: { room: string }[] };
    assert.deepEqual(
      rooms.rooms.map((one) => one.room),
      [room],
    );
    const accesses = await session(anna);
    let found = 0;
    for await (const access of accesses.accesses()) if (access.device === reader.device) found++;
    assert.equal(found, 3);
  });

  it('read personal data only where the party has signed that, and why', async () => {
    const about = { rooms: [room], personal: true };
    const silent = await addConnector(anna, about);
    assert.doesNotMatch(await (await get(`rooms/${room}/parts`, bearer(silent.token))).text(), /a witness/);
    const justified = await addConnector(anna, { ...about, justification: 'guards the gate' });
    assert.match(await (await get(`rooms/${room}/parts`, bearer(justified.token))).text(), /a witness/);
    const office = await session(anna);
    const reasons = [];
    for await (const { device, justification } of office.accesses())
      if (device === justified.device) reasons.push(justification);
    assert.deepEqual(reasons, ['guards the gate']);
  });

  it('share, and are told of each object what became of it', async () => {
    const [good, again, bad] = [
      indicator('from the sensor'),
      indicator('twice'),
      { type: 'identity', id: 'x' },
    ];
    const marked = {
      ...indicator('too narrow'),
      object_marking_refs: ['marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1'],
    };
    const first = await send({ type: 'bundle', id: 'bundle--1', objects: [good, bad, again, again, marked] });
    assert.deepEqual(
      first.objects.map(({ outcome, code, at }) => [outcome, code, at]),
      [
        ['taken', undefined, undefined],
        ['refused', 'stix.malformed', '/id'],
        ['taken', undefined, undefined],
        ['known', undefined, undefined],
        ['refused', 'handling.contradiction', '/object_marking_refs/0'],
      ],
    );
    assert.equal(first.stopped, null);
    const second = await send([good, { ...again, name: 'other bytes' }, indicator('new')]);
    assert.deepEqual(
      second.objects.map(({ outcome, code }) => [outcome, code]),
      [
        ['known', undefined],
        ['refused', 'stix.version-known'],
        ['taken', undefined],
      ],
    );
    assert.match(
      await (await get(`rooms/${room}/parts?limit=1000`, basic(writer.token))).text(),
      /from the sensor/,
    );
  });

  it('everyone sees that the centre signed, and under which handling', async () => {
    const { objects } = await send([indicator('seen by bert')]);
    const office = await session(bert);
    const said = await office.statement(objects[0]?.statement ?? { party: '', id: '' });
    assert.equal(said.statement.header.device, writer.device);
    assert.equal(said.connector?.access, 'write');
    assert.equal(said.connector?.handling?.tlp, 'amber');
    const own = await office.statement((await bert.share(room, [indicator('by hand')])).ref);
    assert.equal(own.connector, null);
  });

  it('several shares where one cannot hold them, and JSON lines', async () => {
    const many = Array.from({ length: 300 }, (_, i) => indicator(`object ${i}`));
    const lines = many.map((one) => JSON.stringify(one)).join('\n');
    const response = await post(`rooms/${room}/objects`, lines, bearer(writer.token), 'application/x-ndjson');
    const { objects } = (await response.json()) as Awaited<ReturnType<typeof send>>;
    assert.ok(objects.every(({ outcome }) => outcome === 'taken'));
    assert.equal(new Set(objects.map(({ statement }) => statement?.id)).size, 2);
  });

  it('what comes before a fault is taken, and it is said where it ended', async () => {
    const body = `${JSON.stringify(indicator('before'))}\n{"type":`;
    const response = await post(`rooms/${room}/objects`, body, bearer(writer.token), 'application/x-ndjson');
    const { objects, stopped } = (await response.json()) as Awaited<ReturnType<typeof send>>;
    assert.deepEqual([objects.map(({ outcome }) => outcome), stopped?.code], [['taken'], 'json.malformed']);
    const nothing = await post(`rooms/${room}/objects`, '{"type":', bearer(writer.token));
    assert.deepEqual([nothing.status, await codeOf(nothing)], [400, 'json.malformed']);
    const empty = await post(`rooms/${room}/objects`, '[]', bearer(writer.token));
    assert.equal(await codeOf(empty), 'parts.count');
  });

  it('however many are refused, each is judged a few times only', async () => {
    const { centre } = served.world;
    const mine = Array.from({ length: 256 }, (_, i) => indicator(`mine ${i}`));
    await send(mine);
    const before = centre.head()?.size ?? 0;
    const began = performance.now();
    const { objects } = await send(
      mine.map((one, i) => (i % 3 === 0 ? one : { ...one, name: `other ${i}` })),
    );
    const codes = objects.map(({ outcome, code }) => code ?? outcome);
    assert.equal(codes.filter((code) => code === 'stix.version-known').length, 170);
    assert.equal(codes.filter((code) => code === 'known').length, 86);
    assert.equal(centre.head()?.size, before);
    assert.ok(performance.now() - began < 20_000);
  });

  it('a marking keeps what it marks, wherever its definition stands', async () => {
    const marking = {
      type: 'marking-definition',
      spec_version: '2.1',
      id: `marking-definition--${crypto.randomUUID()}`,
      created: '2026-05-01T12:00:00.000Z',
      definition_type: 'statement',
      definition: { statement: 'TLP:RED' },
    };
    const marked = (name: string) => indicator(name, { object_marking_refs: [marking.id] });
    const apart = Array.from({ length: 256 }, (_, i) => indicator(`between ${i}`));
    const { objects } = await send([marking, marked('near'), ...apart, marked('far')]);
    const refused = objects.filter(({ outcome }) => outcome === 'refused');
    assert.deepEqual(
      refused.map(({ n, code }) => [n, code]),
      [
        [1, 'handling.contradiction'],
        [258, 'handling.contradiction'],
      ],
    );
  });

  it('a body is bounded, comes as it is, and may come in single bytes', async () => {
    const headers = { ...bearer(writer.token), 'content-type': 'application/json' };
    const url = `${served.url}/api/v1/rooms/${room}/objects`;
    const zipped = await fetch(url, {
      method: 'POST',
      body: '[]',
      headers: { ...headers, 'content-encoding': 'gzip' },
    });
    assert.equal(await codeOf(zipped), 'body.malformed');
    const one = JSON.stringify(indicator('x'.repeat(1_000)));
    const long = `${' '.repeat(17 * 1024 * 1024)}${one}`;
    const large = await fetch(url, { method: 'POST', body: long, headers }).catch(() => null);
    if (large) assert.equal(await codeOf(large), 'body.too-large');
    const big = await fetch(url, {
      ...{ method: 'POST', headers },
      body: JSON.stringify([indicator('y'.repeat(1_100_000)), indicator('small beside it')]),
    });
    const { objects } = (await big.json()) as Awaited<ReturnType<typeof send>>;
    assert.deepEqual(
      objects.map(({ outcome, code }) => code ?? outcome),
      ['parts.too-large', 'taken'],
    );
    const bytes = new TextEncoder().encode(JSON.stringify([indicator('byte by byte')]));
    const body = new ReadableStream({
      async pull(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    const slow = await fetch(url, { method: 'POST', body, headers, duplex: 'half' } as RequestInit);
    assert.match(await slow.text(), /"taken"/);
    const many = `[${Array.from({ length: 4_097 }, () => '{}').join(',')}]`;
    assert.equal(
      await codeOf(await post(`rooms/${room}/objects`, many, bearer(writer.token))),
      'parts.too-many',
    );
  });

  it('is not enrolled for what the centre may not hold', async () => {
    const about = { rooms: [room], rights: ['speak'], handling: { classification: 'secret' } } as const;
    await assert.rejects(addConnector(anna, about), { code: 'handling.classification' });
  });

  it('a stream of events ends with the connector', async () => {
    const gone = await addConnector(anna, { rooms: [room] });
    const response = await get(`events?room=${room}`, basic(gone.token));
    assert.equal(response.status, 200);
    let text = '';
    const ended = (async () => {
      for await (const piece of response.body as ReadableStream<Uint8Array>)
        text += Buffer.from(piece).toString();
    })();
    await bert.share(room, [indicator('an event')]);
    await eventually('the event', () => text.includes('event: share/1'));
    await anna.say('device.revoke/1', { device: gone.device });
    await bert.share(room, [indicator('after it ended')]);
    await ended;
    assert.equal(text.match(/^event: share/gm)?.length, 1);
  });

  it('a token does nothing that people sign, and a session nothing that a token does', async () => {
    const headers = bearer(writer.token);
    for (const [path, body] of [
      ['statements', '{}'],
      ['sessions', '{}'],
      ['sessions/challenge', ''],
      ['sessions/step', '{}'],
      ['connectors', ''],
    ] as const)
      assert.equal(
        await codeOf(await post(path, body, headers, 'application/x-ndjson')),
        'connector.route',
        path,
      );
    for (const path of [
      'tasks',
      'recalls',
      'accesses',
      'devices',
      'connectors',
      'attempts',
      'sessions/current',
    ])
      assert.equal(await codeOf(await get(path, headers)), 'connector.route', path);
    assert.equal(
      await codeOf(await post(`rooms/${room}/objects`, '[]', bearer(reader.token))),
      'device.right',
    );
    assert.equal(await codeOf(await post(`rooms/${other}/objects`, '[]', headers)), 'connector.room');
    const { centre } = served.world;
    const about = {
      party: anna.party,
      device: anna.signer.device,
      purpose: 'event-security',
      justification: null,
    };
    const token = await centre.journals.sessions.open({ ...about, now: centre.now(), ttl: 1e9 });
    assert.equal(await codeOf(await post(`rooms/${room}/objects`, '[]', bearer(token))), 'connector.only');
    assert.equal((await get('rooms', basic(token))).status, 401);
  });

  it('a token that is none, or over, is refused and named so, never the public', async () => {
    const forged = tokenPrefix + 'A'.repeat(43);
    for (const headers of [bearer(forged), basic(forged), basic('secret'), { authorization: 'Basic !' }]) {
      const response = await get('rooms', headers);
      assert.equal(response.status, 401);
      assert.match(response.headers.get('www-authenticate') ?? '', /Bearer realm=.*Basic realm=/);
      await response.arrayBuffer();
    }
    const gone = await addConnector(anna, { rooms: [room] });
    assert.equal((await get('rooms', bearer(gone.token))).status, 200);
    await anna.say('device.revoke/1', { device: gone.device });
    assert.equal(await codeOf(await get('rooms', bearer(gone.token))), 'device.revoked');
    // Not waited for by who revoked it.
    const { connectors } = served.world.centre.journals;
    await eventually('the key is gone', async () => (await connectors.keyOf(gone.device)) === null);
  });

  it('its owner asks why, and gets the rule; nobody else does', async () => {
    const office = await session(anna);
    const client = await addConnector(anna, { rooms: [room] });
    await get(`rooms/${other}/parts`, bearer(client.token));
    await get(`rooms/${other}/parts`, bearer(client.token));
    await get('tasks', bearer(client.token));
    await get('rooms?nothing=1', bearer(client.token));
    await post(`rooms/${room}/objects`, '[]', bearer(client.token));
    await anna.say('device.revoke/1', { device: client.device });
    await get('rooms', bearer(client.token));
    const found = (await office.connectors.why(client.device)).map(({ code, rule, count }) => [
      code,
      rule,
      count,
    ]);
    assert.deepEqual(found.sort(), [
      ['absent', 'room', 2],
      ['connector.route', 'route', 1],
      ['device.revoked', 'device', 1],
      ['device.right', 'right', 1],
      ['query.malformed', 'format', 1],
    ]);
    const within = await office.connectors.why(writer.device);
    assert.ok(within.some(({ code, rule }) => code === 'stix.malformed' && rule === 'format'));
    const stranger = await session(bert);
    await assert.rejects(stranger.connectors.why(client.device), { code: 'absent' });
    await assert.rejects(office.connectors.why(anna.signer.device), { code: 'absent' });
    assert.deepEqual(await stranger.connectors.list(), []);
  });

  it('its party makes one through the SDK, and sees it in its list', async () => {
    const office = await session(anna);
    const ends = new Date(Date.now() + 60_000).toISOString();
    const made = await office.connectors.add({
      name: 'gate',
      rooms: [room],
      purpose: 'event-security',
      ends,
    });
    assert.match(await (await get(`rooms/${room}/parts`, basic(made.token))).text(), /van at gate 2/);
    const one = (await office.connectors.list()).find(({ device }) => device === made.device);
    assert.deepEqual([one?.name, one?.rights, one?.rooms], ['gate', ['read'], [room]]);
    assert.ok(one?.used);
    await office.revoke(made.device);
    assert.equal((await get('rooms', basic(made.token))).status, 401);
    const phone = await anna.enrol(['read', 'speak']);
    const small = await session(phone);
    await assert.rejects(
      small.connectors.add({ name: 'gate', rooms: [room], purpose: 'event-security', ends }),
      { code: 'device.right' },
    );
  });

  it('enrols a key of the centre alone, as a connector alone, in narrow limits alone', async () => {
    const { centre } = served.world;
    const part = makePart({ name: 'feed' }, random);
    const offered = () => offerConnector(centre.name, anna.party, centre.journals.connectors, centre.now());
    const say = (body: object, who = anna) => who.say('device.enrol/1', body, { parts: [part] });
    const usual = enrolmentOf({ rooms: [room] }, Date.now());
    const { key, consent } = await offered();
    const rows: [string, object][] = [
      ['connector.limits', { rights: ['read', 'govern'] }],
      ['connector.limits', { rooms: null }],
      ['connector.limits', { rooms: undefined }],
      ['connector.limits', { ends: null }],
      ['connector.limits', { rights: ['read', 'speak'] }],
      ['connector.limits', { connector: { purpose: 'event-security', access: 'write', handling: null } }],
      ['purpose.unknown', { connector: { purpose: 'x-else', access: 'read', handling: null } }],
      ['room.unknown', { rooms: [crypto.randomUUID()] }],
      ['signature.invalid', { connector: undefined, rooms: undefined }],
    ];
    for (const [code, about] of rows)
      await assert.rejects(say({ key, consent, ...usual, ...about }), { code });
    await assert.rejects(say({ key, consent, ...usual }, bert), { code: 'signature.invalid' });
    const own = newSigner();
    const mine = Buffer.from(
      await own.sign(new TextEncoder().encode(`parley/connector/v1\n${centre.name}\n${anna.party}\n`)),
    );
    const body = {
      key: Buffer.from(own.publicKey).toString('base64'),
      consent: mine.toString('base64'),
      ...usual,
    };
    await assert.rejects(say(body), { code: 'connector.key' });
    await say({ key, consent, ...usual });
    await assert.rejects(say({ key, consent, ...usual }), { code: 'device.known' });
  });

  it('with its key nothing is said but shares under its handling', async () => {
    const { centre } = served.world;
    const own = (await (await session(anna)).connectors.list()).find(
      ({ device }) => device === writer.device,
    );
    const fixed = own?.handling ?? assert.fail('it has a handling');
    const say = async (how: Partial<typeof fixed>) => {
      const words = { room, handling: { ...fixed, ...how }, parts: [makePart(indicator('x'), random)] };
      const holder = { party: anna.party, device: writer.device };
      const { connectors } = centre.journals;
      const statement = await connectorShare(centre.name, holder, words, connectors, centre.now());
      return centre.submit(statement, words.parts);
    };
    await assert.rejects(say({ tlp: 'green' }), { code: 'connector.kind', at: '/body/handling' });
    await assert.rejects(say({ onward: 'room' }), { code: 'connector.kind' });
    await say({ until: new Date(Date.now() + 60_000).toISOString() });
  });

  it('a party has no more than it can look after', async () => {
    const many = await served.world.party('Many');
    const { centre } = served.world;
    const offer = () => offerConnector(centre.name, many.party, centre.journals.connectors, centre.now());
    for (let i = 0; i < 64; i++) await offer();
    await assert.rejects(offer(), (error) => error instanceof Refusal && error.code === 'connector.too-many');
  });
});

describe('keys that the centre holds', () => {
  it('go on after a backup is put back, and are forgotten when nobody enrols them or they end', async () => {
    let offset = 0;
    const now = () => Date.now() * 1000 + offset;
    const world = await World.begin({ now });
    const anna = await world.party('Anna');
    const room = await world.room([anna]);
    const live = await addConnector(anna, { rooms: [room], rights: ['read', 'speak'], ends: 3 * 86_400_000 });
    const short = await addConnector(anna, { rooms: [room], ends: 60_000 });
    const { connectors } = world.centre.journals;
    const idle = await offerConnector(world.centre.name, anna.party, connectors, now());
    const copy = await world.fork();
    const served = await serve(copy, { rates });
    const response = await fetch(`${served.url}/api/v1/rooms/${room}/objects`, {
      method: 'POST',
      body: JSON.stringify([indicator('from the copy')]),
      headers: { 'content-type': 'application/json', ...basic(live.token) },
    });
    assert.equal(response.status, 200);
    assert.match(await response.text(), /"taken"/);
    await served.end();
    offset = 3 * 3_600_000_000;
    assert.equal(await connectors.isOffered({ device: idle.device, party: anna.party }, now()), false);
    await world.restart();
    const after = world.centre.journals.connectors;
    assert.equal(await after.find(idle.token), null);
    assert.equal(await after.keyOf(short.device), null);
    assert.ok(await after.find(short.token));
    assert.ok(await after.keyOf(live.device));
    await world.end();
  });
});
