/**
 * What was written, changed or deleted in other platforms by whom it was not for. Each test goes the way of one
 * published hole, whose number it bears, against the doors of a running centre.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { base64 } from '@parley/core/bytes.ts';
import { enrolConsent } from '@parley/core/keys.ts';
import type { KindName } from '@parley/core/kinds.ts';
import { makePart } from '@parley/core/parts.ts';
import { type Actor, handling, indicator, newSigner, random, terms } from '../server/testing/actor.ts';
import { addConnector, bearer } from '../server/testing/connectors.ts';
import { sessionOf } from './testing/callers.ts';
import { dismiss, gatherPeers, type Peers } from './testing/peers.ts';
import { say, sent } from './testing/sending.ts';

describe('what peers let be written', () => {
  let p: Peers;
  before(async () => {
    p = await gatherPeers();
  });
  after(() => dismiss(p));

  const due = () => new Date(Date.now() + 3_600_000).toISOString();
  const enrolment = async (about: object = {}) => {
    const signer = newSigner();
    const consent = base64(await signer.sign(enrolConsent(p.world.centre.name, p.bert.party)));
    return { key: base64(signer.publicKey), rights: ['read'], ends: null, consent, ...about };
  };
  const named = () => [makePart({ name: 'device' }, random)];
  /** The same party, by another's key. */
  const posing = (key: Actor, as: Actor): Actor =>
    Object.assign(Object.create(Object.getPrototypeOf(key)) as Actor, key, { party: as.party });

  it('CVE-2026-95671 (MISP: the right was asked for on POST, and PUT went past it): what is said is never changed in place, by no verb', async () => {
    const { anna, bert, room, world } = p;
    const { ref } = await anna.share(room, [indicator('IN-PLACE')]);
    const size = world.centre.head()?.size;
    const headers = { ...bearer(await sessionOf(bert)), 'content-type': 'application/json' };
    const at = `/api/v1/statements/${ref.party}/${ref.id}`;
    const paths = [
      at,
      `${at}/parts/0/file`,
      `/api/v1/rooms/${room}`,
      `/api/v1/rooms/${room}/parts`,
      '/api/v1/parties',
      '/api/v1/devices',
    ];
    for (const method of ['PUT', 'PATCH', 'DELETE', 'POST', 'MOVE', 'COPY', 'PROPPATCH'])
      for (const path of paths) {
        // Node takes no body with DELETE where no length is said.
        const body = method === 'DELETE' ? undefined : '{"name":"changed"}';
        const { status } = await p.bare(method, path, headers, body);
        assert.equal(status, 404, `${method} ${path}`);
      }
    assert.equal(world.centre.head()?.size, size);
    assert.ok((await bert.names(room)).includes('IN-PLACE'));
  });

  it('CVE-2026-95685 (MISP: editing was open to every role): a device that only reads says nothing of any kind', async () => {
    const { anna, bert, carl, room, refused } = p;
    const phone = await bert.enrol(['read']);
    const { ref } = await bert.share(room, [indicator('x')]);
    const target = { target: ref, parts: null };
    const kinds: readonly (readonly [KindName, object, boolean, boolean])[] = [
      ['share/1', { handling }, true, true],
      ['recall/1', target, true, false],
      ['ask/1', { ...target, to: anna.party, purposes: ['event-security'] }, true, false],
      ['hold/1', { ...target, basis: 'court-order', review: due(), until: null }, true, false],
      ['room.leave/1', {}, true, false],
      ['room.invite/1', { party: carl.party }, true, false],
      ['room.suspend/1', { party: carl.party }, true, false],
      ['device.revoke/1', { device: bert.signer.device }, false, false],
    ];
    for (const [kind, body, inRoom, content] of kinds)
      await refused('device.right', () =>
        phone.say(kind, body, {
          ...(inRoom ? { room } : {}),
          ...(content ? { parts: [makePart(indicator('x'), random)] } : {}),
        }),
      );
    const more = await enrolment({ rights: ['read', 'speak', 'govern'] });
    await refused('device.right', () => phone.say('device.enrol/1', more, { parts: named() }));
  });

  it('CVE-2026-56424 (MISP: the right was asked of another object than was written): a room of one’s own gives no right to what stands elsewhere', async () => {
    const { anna, bert, carl, room, refused, world } = p;
    const { ref: target } = await anna.share(room, [indicator('ELSEWHERE')]);
    const own = await bert.openRoom();
    await bert.invite(own, carl);
    await carl.accept(own);
    const parts = null;
    const about = { room: own };
    const purposes = ['event-security'];
    const acceptance = await bert.termsHash(own);
    const codes = [
      'target.unknown',
      'target.not-author',
      'hold.not-originator',
      'room.not-owner',
      'answer.unasked',
    ];
    const attempts: readonly (readonly [KindName, object])[] = [
      ['recall/1', { target, parts }],
      ['hold/1', { target, parts, basis: 'court-order', review: due(), until: null }],
      ['grant/1', { target, parts, to: carl.party, purposes, terms: acceptance, ask: null }],
      ['subject.request/1', { target, parts, request: 'access', due: due() }],
      ['complaint.lodge/1', { about: anna.party, statement: target }],
    ];
    for (const [kind, body] of attempts) {
      const needs = ['subject.request/1', 'complaint.lodge/1', 'hold/1'].includes(kind);
      const reason = needs ? { parts: [makePart({ reason: 'x' }, random)] } : {};
      await refused([...codes, 'party.unknown'], () => bert.say(kind, body, { ...about, ...reason }));
    }
    // Of the room that it governs it may suspend; of the other not, whatever it governs.
    await refused('room.not-owner', () => bert.suspend(room, carl));
    await refused('room.not-owner', () => bert.changeTerms(room, { title: 'taken over' }));
    assert.ok((await carl.names(room)).includes('ELSEWHERE'));
    assert.deepEqual(world.doubts, []);
  });

  it('CVE-2026-56423 (MISP: many were deleted at once and not each was asked about): of a list one that is foreign refuses all', async () => {
    const { anna, bert, room, refused } = p;
    const { ref } = await anna.share(room, [indicator('BULK-0'), indicator('BULK-1')]);
    for (const parts of [
      [0, 2],
      [0, 1, 99],
    ])
      await refused('target.unknown', () => anna.recall(room, ref, parts));
    for (const parts of [[0], [0, 1], null])
      await refused('target.not-author', () => bert.recall(room, ref, parts));
    const names = await bert.names(room);
    assert.ok(names.includes('BULK-0') && names.includes('BULK-1'));
  });

  for (const number of ['CVE-2026-44380', 'CVE-2019-12794'])
    it(`${number} (MISP: an administrator of one set the key of a stronger one): whoever hosts or owns a room sets nobody’s keys`, async () => {
      const { anna, bert, world, refused } = p;
      for (const admin of [world.host, anna]) {
        const body = await enrolment({ rights: ['read', 'speak', 'govern'] });
        const asBert = posing(admin, bert);
        await refused('device.unknown', () => asBert.say('device.enrol/1', body, { parts: named() }));
        const device = bert.signer.device;
        await refused('device.unknown', () => asBert.say('device.revoke/1', { device }));
        await refused('target.unknown', () => admin.say('device.revoke/1', { device }));
      }
      assert.ok((await bert.enrol(['read'])).signer.device);
    });

  it('CVE-2026-44730 (OpenCTI: adding a stronger user to one’s own gave its rights): nobody becomes a device of another without its key', async () => {
    const { anna, bert, carl, refused, world } = p;
    const key = base64(anna.signer.publicKey);
    const forged = base64(random(64));
    const given = base64(await anna.signer.sign(enrolConsent(world.centre.name, anna.party)));
    const elsewhere = base64(await anna.signer.sign(enrolConsent('other.example', bert.party)));
    const codes = ['device.known', 'signature.invalid', 'header.malformed'];
    for (const consent of [forged, given, elsewhere])
      await refused(codes, async () =>
        bert.say('device.enrol/1', await enrolment({ key, consent }), { parts: named() }),
      );
    // A key that is nowhere enrolled yet, and consents to one party, is of no use to another.
    const meant = await enrolment();
    await refused('signature.invalid', () => carl.say('device.enrol/1', meant, { parts: named() }));
    const session = { headers: bearer(await sessionOf(bert)) };
    const devices = await sent(`${p.url}/api/v1/devices`, session);
    assert.ok(!devices.text.includes(anna.party));
  });

  it('CVE-2026-21886 (OpenCTI: a deletion deleted what had nothing to do with it): an end ends one thing', async () => {
    const { anna, bert, room, url } = p;
    const object = indicator('DELETED-1');
    const later = { ...object, modified: '2026-06-01T12:00:00.000Z', name: 'DELETED-2' };
    const first = await anna.share(room, [object]);
    await anna.share(room, [later]);
    await anna.recall(room, first.ref);
    assert.ok((await bert.names(room)).includes('DELETED-2'));
    const [one, two] = [await bert.enrol(['read']), await bert.enrol(['read'])];
    const tokens = [await sessionOf(one), await sessionOf(two), await sessionOf(two), await sessionOf(anna)];
    const alive = async () =>
      Promise.all(
        tokens.map(async (token) => (await sent(`${url}/api/v1/rooms`, { headers: bearer(token) })).status),
      );
    await sent(`${url}/api/v1/sessions/current`, { method: 'DELETE', headers: bearer(tokens[1] ?? '') });
    assert.deepEqual(await alive(), [200, 401, 200, 200]);
    await bert.say('device.revoke/1', { device: one.signer.device });
    assert.deepEqual(await alive(), [401, 401, 200, 200]);
  });

  it('CVE-2025-61781 (OpenCTI: who knew the id of another’s workspace deleted it): an id gives no right to what it names', async () => {
    const { anna, bert, carl, eve, room, refused } = p;
    const { ref } = await anna.share(room, [indicator('BY-ID')]);
    const feed = await addConnector(anna, { rooms: [room] });
    const asked = await bert.say(
      'ask/1',
      { target: ref, parts: null, to: bert.party, purposes: ['event-security'] },
      { room },
    );
    const held = await anna.say(
      'hold/1',
      { target: ref, parts: null, basis: 'court-order', review: due(), until: null },
      { room, parts: [makePart({ reason: 'x' }, random)] },
    );
    for (const thief of [carl, eve]) {
      await refused(['target.not-author', 'target.unknown', 'room.unknown'], () => thief.recall(room, ref));
      await refused('target.unknown', () => thief.say('device.revoke/1', { device: feed.device }));
      await refused(['target.unknown', 'target.not-author', 'room.unknown', 'answer.unasked'], () =>
        thief.say('deny/1', { ask: asked.ref }, { room }),
      );
      await refused(['target.unknown', 'target.not-author', 'hold.not-originator', 'room.unknown'], () =>
        thief.say('hold.review/1', { hold: held.ref, review: due(), until: due() }, { room }),
      );
    }
    assert.equal((await sent(`${p.url}/api/v1/rooms`, { headers: bearer(feed.token) })).status, 200);
    assert.ok((await carl.names(room)).includes('BY-ID'));
  });

  it('PYSEC-2026-3445 (OpenCTI: a header for synchronising went past levels and markings): no header is a right', async () => {
    const { anna, bert, room, url } = p;
    const { ref } = await anna.share(room, [indicator('x')], { onward: 'never' });
    const headers = {
      'synchronized-upsert': 'true',
      'opencti-applicant-id': anna.party,
      'x-parley-party': anna.party,
      'x-internal': '1',
      'x-admin': 'true',
      'x-http-method-override': 'PUT',
      cookie: `session=${await sessionOf(anna)}; admin=true`,
      'x-forwarded-for': '127.0.0.1',
    };
    const above = await bert.make(
      'share/1',
      { handling: { ...handling, classification: 'secret' } },
      { room, parts: [makePart(indicator('above'), random)] },
    );
    const taken = await bert.make('recall/1', { target: ref, parts: null }, { room });
    const parts = [makePart({ ...terms, title: 'x' }, random)];
    const governed = await bert.make('room.terms/1', {}, { room, parts });
    for (const [statement, with_] of [
      [above, []],
      [taken, []],
      [governed, parts],
    ] as const) {
      const plain = await say(url, statement, with_);
      const dressed = await say(url, statement, with_, headers);
      assert.ok(plain.status >= 400);
      assert.deepEqual([dressed.status, dressed.text], [plain.status, plain.text]);
    }
  });

  it('GHSA-mqhq-grh4-w3hj (Yeti: a reader deleted the rights of the owner): who reads or observes changes nobody’s handling, terms or members', async () => {
    const { anna, bert, carl, eve, room, refused, world } = p;
    const olga = await world.party('Olga');
    await anna.invite(room, olga, 'observer');
    await olga.accept(room);
    const { ref } = await anna.share(room, [indicator('OWNED')]);
    const codes = [
      'target.not-author',
      'target.unknown',
      'room.not-owner',
      'room.observer',
      'grant.wider',
      'handling.onward',
    ];
    for (const reader of [bert, olga]) {
      await refused(codes, () => reader.recall(room, ref, null, [anna]));
      await refused(codes, () => reader.recall(room, ref, null, [carl]));
      await refused(codes, () => reader.grant(room, ref, eve));
      await refused(codes, () => reader.changeTerms(room, { roster: false }));
      await refused(codes, () => reader.say('room.remove/1', { party: anna.party }, { room }));
      await refused(codes, () => reader.suspend(room, anna));
    }
    assert.ok((await carl.names(room)).includes('OWNED'));
    assert.ok((await anna.names(room)).includes('OWNED'));
  });
});
