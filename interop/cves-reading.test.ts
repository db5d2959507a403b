/**
 * What was read in other platforms by whom it was not for. Each test goes the way of one published hole, whose number
 * it bears, against the doors of a running centre.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Handling } from '@parley/core/handling.ts';
import { makePart } from '@parley/core/parts.ts';
import { indicator, random } from '../server/testing/actor.ts';
import { addConnector, bearer } from '../server/testing/connectors.ts';
import { sessionOf } from './testing/callers.ts';
import { dismiss, gatherPeers, type Peers } from './testing/peers.ts';
import { openSession, sent, sessionRequest } from './testing/sending.ts';

const personal: Handling['personal'] = [{ category: 'witness', nature: 'fact' }];
const reason = (text: string) => [makePart({ reason: text }, random)];

describe('what peers let be read', () => {
  let p: Peers;
  before(async () => {
    p = await gatherPeers();
  });
  after(() => dismiss(p));
  const due = () => new Date(Date.now() + 3_600_000).toISOString();
  const toBert = () => ({ to: { parties: [p.bert.party] } });

  it('CVE-2026-112178 (MISP: proposals were visible whatever the level of what they are on): what is said about a statement goes no further than it', async () => {
    const { anna, bert, carl, room } = p;
    const { ref: target } = await anna.share(room, [indicator('LEVEL-CONTENT')], toBert());
    const about = { target, parts: null };
    const say = (who: typeof bert, kind: 'ask/1' | 'subject.request/1' | 'hold/1', body: object) =>
      who.say(kind, { ...about, ...body }, { room, parts: reason('LEVEL-ABOUT') });
    await say(bert, 'ask/1', { to: bert.party, purposes: ['event-security'] });
    await say(bert, 'subject.request/1', { request: 'access', due: due() });
    await say(anna, 'hold/1', { basis: 'court-order', review: due(), until: null });
    await bert.say(
      'complaint.lodge/1',
      { about: anna.party, statement: target },
      { room, parts: reason('LEVEL-ABOUT') },
    );
    assert.ok((await p.found(bert, /LEVEL-CONTENT/)).length > 0);
    assert.ok((await p.found(anna, /LEVEL-ABOUT/)).length > 0);
    assert.deepEqual(await p.found(carl, new RegExp(`LEVEL-|${target.id}`)), []);
  });

  it('CVE-2026-85533 (MISP: a sharing group could be named without a right to it): a room that is hidden is as one that is not', async () => {
    const { eve, room, bert } = p;
    const codeOf = async (work: () => Promise<unknown>) => {
      try {
        await work();
        return 'taken';
      } catch (error) {
        const { code, at, detail } = error as { code: string; at?: string; detail?: string };
        return JSON.stringify({ code, at, detail });
      }
    };
    const nowhere = crypto.randomUUID();
    for (const attempt of [
      (where: string) => eve.share(where, [indicator('x')]),
      (where: string) => eve.enrol(['read'], null, { rooms: [where] }),
      (where: string) => addConnector(eve, { rooms: [where] }),
      (where: string) => eve.invite(where, bert),
      (where: string) => eve.say('room.leave/1', {}, { room: where }),
      (where: string) => eve.say('room.suspend/1', { party: bert.party }, { room: where }),
    ]) {
      const told = await codeOf(() => attempt(room));
      assert.equal(told, await codeOf(() => attempt(nowhere)));
    }
    assert.deepEqual(await p.found(eve, new RegExp(room)), []);
  });

  it('CVE-2026-85226 (MISP: correlations ignored the distribution): what is hidden changes no byte of any list, count or newest version', async () => {
    const { anna, bert, carl, room } = p;
    const seen = indicator('correlated');
    await anna.share(room, [seen]);
    const before = await p.whole(carl);
    const later = { ...seen, modified: '2026-06-01T12:00:00.000Z', name: 'CORRELATED-LATER' };
    // By another party: of Anna's own correction those who had the first version are told, without its content.
    const toAnna = { to: { parties: [anna.party] } };
    await bert.share(room, [later], toAnna);
    await bert.share(room, [indicator('CORRELATED-TOO', { created_by_ref: seen.id })], toAnna);
    const after = await p.whole(carl);
    // The walk asks for each statement there is, so it has asked for more: what it got for the same must be the same.
    const more = after.filter((text) => !before.includes(text));
    for (const text of more) assert.match(text, /^\/api\/v1\/statements\/[0-9a-f]{64}\/[^ \n]+\n404\n/);
    assert.ok((await p.found(anna, /CORRELATED-LATER/)).length > 0);
  });

  it('CVE-2026-94394 (MISP: references showed what they point to): a reference to what is hidden is text and nothing more', async () => {
    const { anna, carl, room, url } = p;
    const hidden = indicator('POINTED-AT');
    const { ref } = await anna.share(room, [hidden], toBert());
    const link = {
      type: 'relationship',
      spec_version: '2.1',
      id: `relationship--${crypto.randomUUID()}`,
      created: '2026-05-01T12:00:00.000Z',
      modified: '2026-05-01T12:00:00.000Z',
      relationship_type: 'related-to',
      source_ref: hidden.id,
      target_ref: hidden.id,
    };
    await anna.share(room, [link]);
    assert.ok((await p.found(carl, new RegExp(hidden.id))).length > 0, 'what points there is seen');
    assert.deepEqual(await p.found(carl, /POINTED-AT/), []);
    const headers = bearer(await sessionOf(carl));
    const at = (id: string) => sent(`${url}/api/v1/statements/${ref.party}/${id}`, { headers });
    const [there, nowhere] = [await at(ref.id), await at(crypto.randomUUID())];
    assert.deepEqual([there.status, there.text], [404, nowhere.text]);
  });

  it('CVE-2026-95683 (MISP: an overview returned reports without asking for their own rights): overviews count only what one may see', async () => {
    const { anna, carl, room, url } = p;
    const headers = bearer(await sessionOf(carl));
    const locked = async () => (await sent(`${url}/api/v1/rooms/${room}/locked`, { headers })).text;
    const before = await locked();
    const case7 = { external_references: [{ source_name: 'case', external_id: 'OVERVIEW-7' }] };
    await anna.share(room, [indicator('OVERVIEW-HIDDEN', case7)], { ...toBert(), personal });
    assert.equal(await locked(), before);
    const { ref } = await anna.share(room, [indicator('OVERVIEW-PERSON', case7)], { personal });
    assert.notEqual(await locked(), before, 'that there is something is told as a number');
    for (const text of ['OVERVIEW-', ref.id]) assert.ok(!(await locked()).includes(text));
    const found = await sent(`${url}/api/v1/cases?ref=OVERVIEW-7`, { headers });
    assert.ok(!found.text.includes(ref.id));
    assert.deepEqual(await p.found(carl, /OVERVIEW-HIDDEN/, 'a threat to life'), []);
  });

  it('CVE-2026-86283 (MISP: a new view asked for the members of a collection anew, without rights): of a collection each part is judged', async () => {
    const { anna, bert, carl, room } = p;
    const names = ['COLLECTED-0', 'COLLECTED-1', 'COLLECTED-2'];
    const { ref } = await anna.share(
      room,
      names.map((name) => indicator(name)),
      toBert(),
    );
    await anna.grant(room, ref, carl, { parts: [1] });
    assert.ok((await p.found(carl, /COLLECTED-1/)).length > 0);
    assert.deepEqual(await p.found(carl, /COLLECTED-[02]/), []);
    assert.ok((await p.found(bert, /COLLECTED-2/)).length > 0);
  });

  it('CVE-2025-24887 (OpenCTI: members beside the list were taken, and users could be found out): what is not known is refused, and who is here is not told', async () => {
    const { anna, eve, url } = p;
    for (const more of [
      { token: 'x' },
      { rights: ['govern'] },
      { role: 'admin' },
      { Party: anna.party },
      { expires: 1 },
    ])
      assert.equal((await openSession(url, await sessionRequest(url, eve, more))).code, 'session.malformed');
    const headers = { ...bearer(await sessionOf(eve)), 'content-type': 'application/json' };
    for (const body of [
      '{"purpose":"event-security","party":"x"}',
      '{"__proto__":{"party":"x"}}',
      '{"constructor":1}',
    ]) {
      const step = await sent(`${url}/api/v1/sessions/step`, { method: 'POST', headers, body });
      assert.equal(step.status, 400, body);
    }
    const told = async (about: object) => {
      const { status, text } = await openSession(url, await sessionRequest(url, eve, about));
      return `${status} ${text}`;
    };
    const stranger = Buffer.from(random(32)).toString('hex');
    assert.equal(await told({ party: anna.party }), await told({ party: stranger }));
  });

  it('CVE-2020-37041 (OpenCTI: files of the machine were read without signing in): no path leads out of what is served', async () => {
    const secrets = ['log-keys.pem', 'centre-key.pem'].map(
      (file) => readFileSync(`${p.world.folder}/${file}`, 'utf8').split('\n')[1] ?? '',
    );
    assert.ok(secrets.every((line) => line.length > 20));
    const folder = p.world.folder.slice(1);
    const up = [
      '../',
      '..%2f',
      '%2e%2e/',
      '%2e%2e%2f',
      '..%5c',
      '..\\',
      '....//',
      '%c0%ae%c0%ae/',
      '..;/',
      '%252e%252e%252f',
    ];
    const under = [
      '/',
      '/log/1/',
      '/log/1/tile/',
      '/log/1/tile/entries/',
      '/static/css/',
      '/api/v1/rooms/',
      '/api/v1/',
    ];
    for (const step of up)
      for (const base of under)
        for (const file of ['etc/passwd', `${folder}/log-keys.pem`, 'log-keys.pem', 'package.json']) {
          const { status, text } = await p.bare('GET', base + step.repeat(9) + file);
          assert.ok(status >= 400, `${base}${step}: ${status}`);
          assert.doesNotMatch(text, /root:|"dependencies"/);
          for (const secret of secrets) assert.ok(!text.includes(secret));
        }
  });

  it('CVE-2026-39980 (OpenCTI: templates ran what was written into them): what is said comes out as it went in, and nothing runs it', async () => {
    const { anna, bert, room } = p;
    const words = `{{7*7}} \${7*7} <%= 7*7 %> #{7*7} <script>alert(49)</script> {{constructor.constructor('return process')()}}`;
    await anna.share(room, [indicator(words)]);
    const answers = await p.answers(bert);
    const holding = answers.filter(({ body }) => body.includes('{{7*7}}'));
    assert.ok(holding.length > 0);
    for (const { body, type, headers, ask } of holding) {
      assert.ok(body.includes(JSON.stringify(words).slice(1, -1)), ask);
      assert.match(type, /^(application\/(x-ndjson|json|stix\+json)|text\/event-stream)/, ask);
      assert.ok(headers.includes('"nosniff"') && headers.includes("default-src 'none'"), ask);
    }
    const pages = answers.filter(({ type }) => type.startsWith('text/html'));
    assert.ok(pages.length > 0);
    for (const { body } of pages) assert.doesNotMatch(body, /<script|\{\{|alert\(/);
  });

  it('CVE-2026-21887 (OpenCTI: the platform fetched what a user gave as an address): the centre fetches nothing that it is told of', async (test) => {
    const { anna, bert, room, world } = p;
    const asked: string[] = [];
    const trap = createServer((request, answer) => {
      asked.push(request.url ?? '');
      answer.end('x');
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
    test.after(() => trap.close());
    const trapped = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/`;
    const objects = [
      indicator('addressed', { external_references: [{ source_name: 'x', url: trapped }] }),
      { type: 'url', spec_version: '2.1', id: `url--${crypto.randomUUID()}`, value: trapped },
    ];
    await anna.share(room, objects);
    const feed = await addConnector(bert, { rooms: [room], rights: ['speak'] });
    const headers = {
      ...bearer(feed.token),
      'content-type': 'application/stix+json',
      host: new URL(trapped).host,
    };
    const written = await p.bare(
      'POST',
      `/api/v1/rooms/${room}/objects`,
      headers,
      JSON.stringify(
        objects.map((one) => ({ ...one, id: one.id.replace(/--.*/, `--${crypto.randomUUID()}`) }))[0],
      ),
    );
    assert.equal(written.status, 200, written.text);
    for (const path of [
      `/api/v1/rooms/${room}/parts?url=${trapped}`,
      trapped,
      `/api/v1/events?callback=${trapped}`,
    ])
      await p.bare('GET', path, bearer(feed.token));
    await world.centre.round();
    await p.answers(bert);
    assert.deepEqual(asked, []);
  });
});
