/**
 * Whatever parties say, in whatever order, referring to whatever: it is admitted or refused, and the centre goes on.
 * A fold that fails on what admission let through would stop the process, at the will of any member.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { type KindName, kinds } from '@parley/core/kinds.ts';
import { makePart, type Part } from '@parley/core/parts.ts';
import { isA, refOf, roomId } from '@parley/core/statement.ts';
import { type Actor, handling, indicator, newSigner, random, terms } from '../testing/actor.ts';
import { keyOf } from '../testing/recovery.ts';
import { begin, code, invitationKey, type Setting } from './testing/setting.ts';

const rounds = 1_200;
/** Ids and keys are made by chance: what was not admitted by then is tried on, up to here. */
const mostRounds = 8 * rounds;

/** The same row of choices in each run (mulberry32), so that what fails fails again. */
function chooser(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Thing {
  readonly ref: StatementRef;
  readonly room: string;
  /** Who may do something about it: its author, the originator that was asked, the recipient of a notice. */
  readonly whose: string;
}

/** What a kind refers to: the right one is likelier than another. */
const refers: Partial<Record<KindName, KindName>> = {
  'room.accept/1': 'room.invite/1',
  'room.decline/1': 'room.invite/1',
  'recall/1': 'share/1',
  'ask/1': 'share/1',
  'grant/1': 'share/1',
  'deny/1': 'ask/1',
  'ack/1': 'notice/1',
  'notice/1': 'share/1',
  'expiry/1': 'share/1',
  'hold/1': 'share/1',
  'hold.review/1': 'hold/1',
  'hold.end/1': 'hold/1',
  'subject.request/1': 'share/1',
  'subject.answer/1': 'subject.request/1',
  'complaint.lodge/1': 'share/1',
  'supervision.open/1': 'share/1',
};

/** @param by who owes the second one: it need not have joined */
const undertakings = (by: string) => [
  { id: 'report', by: 'each', text: 'Each reports.', inReturnFor: [] },
  { id: 'routes', by, text: 'It shares routes.', inReturnFor: ['report'] },
];

/** Said by the owner of a room. */
const owned: ReadonlySet<KindName> = new Set([
  'room.terms/1',
  'room.invite/1',
  'room.withdraw/1',
  'room.remove/1',
]);

describe('anything that parties say', () => {
  let s: Setting;
  let actors: Actor[];
  const next = chooser(20_260_503);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const chance = (share: number) => next() < share;

  const rooms: string[] = [crypto.randomUUID()];
  /** In which most is said. */
  let lively: readonly string[] = [];
  /** What was said, by kind. */
  const said = new Map<string, Thing[]>();
  const owners = new Map<string, string>();
  const devices: string[] = [];
  const recoveryKeys = Array.from({ length: 6 }, () => keyOf(newSigner()));
  const invitations: string[] = [];
  const objects = Array.from({ length: 12 }, (_, n) => indicator(`object ${n}`));

  before(async () => {
    s = await begin();
    actors = [s.host, s.anna, s.bert, s.carl, s.eve, s.centre];
    await moveOn();
    for (const room of rooms) owners.set(room, s.host.party);
    devices.push(...actors.map(({ signer }) => signer.device), 'e'.repeat(64));
  });
  after(() => s.end());

  const nothing = (): Thing => {
    const { party: whose } = pick(actors);
    return { ref: { party: whose, id: crypto.randomUUID() }, room: pick(rooms), whose };
  };
  const thing = (kind: KindName | undefined): Thing => {
    const likely = kind ? (said.get(kind) ?? []) : [];
    if (chance(0.9) && likely.length > 0) return pick(likely);
    const all = [...said.values()].flat();
    return all.length > 0 && chance(0.8) ? pick(all) : nothing();
  };
  const party = () => (chance(0.95) ? pick(actors).party : 'd'.repeat(64));
  const numbers = () => (chance(0.5) ? null : pick([[0], [1], [0, 1], [0, 2], [3], [255]]));
  const purposes = () =>
    pick([['event-security'], ['threat-prevention'], ['event-security', 'threat-prevention']]);
  const time = () => s.at(pick([-60, 1, 2, 3_600]));
  const hashOf = async (room: string) => {
    const hash = await s.anna.termsHash(room);
    return hash === '' || chance(0.1) ? `${'A'.repeat(43)}=` : hash;
  };

  const bodies: Readonly<Record<KindName, (about: StatementRef, room: string) => Promise<object> | object>> =
    {
      'centre.open/1': () => ({ key: `${'A'.repeat(43)}=`, logs: ['x'] }),
      'centre.succeed/1': () => {
        const n = pick([2, 3]);
        const before = { log: `centre.example/log/${n - 1}`, size: 1, checkpoint: null };
        const keys = [`centre.example/log/${n}+00000000+AQ==`];
        return { log: `centre.example/log/${n}`, keys, before, missing: null, why: 'rotation' };
      },
      'centre.accredit/1': () => ({ highest: pick(['unclassified', 'restricted']) }),
      'party.invite/1': () => {
        const { key } = invitationKey(code());
        invitations.push(key);
        return { key: pick(invitations), until: time() };
      },
      'party.withdraw/1': () => ({ key: pick([...invitations, `${'A'.repeat(43)}=`]) }),
      'party.found/1': () => ({}),
      'party.recovery/1': () => ({
        recovery: pick([null, ...recoveryKeys]),
        guardians: chance(0.3) ? null : { parties: [party(), party()], delay: 1 },
      }),
      'party.recover/1': () => ({}),
      'party.readmit/1': () => ({ party: party(), key: pick(recoveryKeys) }),
      'party.object/1': () => ({ key: pick(recoveryKeys) }),
      'device.enrol/1': () => ({}),
      'device.revoke/1': () => ({ device: pick(devices) }),
      'room.open/1': () => ({}),
      'room.terms/1': () => ({}),
      'room.invite/1': () => ({
        party: party(),
        ...(chance(0.3) ? { as: pick(['member', 'observer', 'supervisor']) } : {}),
      }),
      'room.withdraw/1': () => ({ party: party() }),
      'room.accept/1': async (_, room) => ({ terms: await hashOf(room) }),
      'room.decline/1': async (_, room) => ({ terms: await hashOf(room) }),
      'room.leave/1': () => ({}),
      'room.remove/1': () => ({ party: party() }),
      'room.suspend/1': () => ({ party: party() }),
      'room.restore/1': () => ({ party: party() }),
      'undertaking.state/1': async (_, room) => ({
        undertaking: pick(['report', 'routes', 'other']),
        by: chance(0.3) ? 'd'.repeat(64) : party(),
        terms: await hashOf(room),
        state: pick(['holds', 'broken']),
        evidence: chance(0.5) ? [thing('share/1').ref] : [],
      }),
      'undertaking.suspend/1': () => ({
        undertaking: pick(['report', 'routes', 'other']),
        because: thing('undertaking.state/1').ref,
        from: party(),
      }),
      'undertaking.resume/1': () => ({ suspension: thing('undertaking.suspend/1').ref }),
      'share/1': () => {
        const to = pick(['room', 'room', 'room', 'observers', { parties: [party()] }] as const);
        const until = chance(0.2) ? time() : null;
        return {
          handling: {
            ...handling,
            to,
            purposes: purposes(),
            until,
            onward: pick(['never', 'ask', 'room']),
            personal: chance(0.2) && [{ category: 'other', nature: 'fact' }],
            ...(chance(0.1) ? { classification: 'restricted', pap: 'amber' } : {}),
          },
        };
      },
      'recall/1': (target) => ({
        target,
        parts: numbers(),
        ...(chance(0.4) ? { from: [party()] } : {}),
      }),
      'complaint.lodge/1': (statement) => ({ about: party(), statement: chance(0.5) ? statement : null }),
      'complaint.answer/1': () => ({
        complaint: thing('complaint.lodge/1').ref,
        verdict: pick(['upheld', 'rejected', 'answered']),
      }),
      'supervision.open/1': (target) => ({
        complaint: thing('complaint.lodge/1').ref,
        target,
        parts: numbers(),
        until: time(),
      }),
      'ask/1': (target) => ({ target, parts: numbers(), to: party(), purposes: purposes() }),
      'grant/1': async (target, room) => ({
        target,
        parts: numbers(),
        to: party(),
        purposes: purposes(),
        terms: await hashOf(room),
        ask: chance(0.3) ? thing('ask/1').ref : null,
      }),
      'deny/1': (ask) => ({ ask }),
      'ack/1': (notice) => ({ notice, answer: 'destroyed', basis: null, until: null }),
      'notice/1': (target) => ({
        cause: pick(['recall', 'expiry', 'correction']),
        target,
        parts: numbers() ?? [0],
        by: thing('recall/1').ref,
        to: party(),
      }),
      'expiry/1': (target) => ({ target, due: time() }),
      'hold/1': (target) => ({
        ...{ target, parts: numbers(), basis: 'court-order' },
        ...{ review: s.at(pick([1, 3_600])), until: chance(0.5) ? null : s.at(3_600) },
      }),
      'hold.review/1': (hold) => ({ hold, review: s.at(60), until: chance(0.5) ? null : s.at(90) }),
      'hold.end/1': (hold) => ({ hold }),
      'subject.request/1': (target) => ({ target, parts: numbers(), request: 'erasure', due: time() }),
      'subject.answer/1': (request) => ({ request, answer: 'done', basis: null }),
      'access.digest/1': () => ({
        // The centre’s own digests are in its journals; this one is refused.
        from: s.at(-3_600),
        to: s.at(-7_200),
        leaves: 0,
        root: `${'A'.repeat(43)}=`,
      }),
    };

  function partsOf(kind: KindName): Part[] {
    if (kind === 'share/1')
      return Array.from({ length: pick([1, 2, 3]) }, () => {
        const modified = `2026-05-0${pick([1, 2, 3])}T12:00:00.000Z`;
        return makePart(
          { ...pick(objects), modified, ...(chance(0.5) ? { id: `identity--${crypto.randomUUID()}` } : {}) },
          random,
        );
      });
    if (kind === 'room.open/1' || kind === 'room.terms/1')
      return [
        makePart(
          {
            ...{ ...terms, roster: chance(0.5), past: chance(0.5), retention: chance(0.1) ? 5 : null },
            ...(chance(0.5) ? { roster: true, undertakings: undertakings(party()) } : {}),
          },
          random,
        ),
      ];
    const { parts } = kinds[kind];
    const needed = ['subject.request/1', 'complaint.lodge/1', 'complaint.answer/1'].includes(kind);
    return typeof parts === 'object' && (needed || ('optional' in parts && chance(0.5)))
      ? [makePart({ reason: 'because' }, random)]
      : [];
  }

  const rare: readonly KindName[] = [
    'party.found/1',
    'party.recover/1',
    'device.enrol/1',
    'centre.open/1',
    'room.open/1',
    'room.leave/1',
    'room.remove/1',
  ];
  const spoken = (Object.keys(kinds) as KindName[]).filter((kind) => !rare.includes(kind));
  const often: readonly KindName[] = [
    'share/1',
    'share/1',
    'recall/1',
    'ask/1',
    'grant/1',
    'deny/1',
    'room.invite/1',
    'room.accept/1',
    'ack/1',
    'hold/1',
    'subject.request/1',
    'complaint.lodge/1',
    'complaint.answer/1',
  ];
  const all = [...spoken, ...spoken, ...often, ...often, ...often, ...often, ...rare.slice(4)];

  it('is admitted or refused', async () => {
    const codes = new Map<string, number>();
    const missed = () => often.filter((kind) => !codes.has(kind));
    for (let i = 0; i < rounds || (missed().length > 0 && i < mostRounds); i++) {
      if (i % 50 === 0) await lookAround();
      // Members leave and are suspended: in a new room some are there again.
      if (i % 600 === 599) await moveOn();
      const kind = pick(all);
      const about = thing(refers[kind]);
      const room = chance(0.8) ? (refers[kind] ? about.room : pick(lively)) : pick(rooms);
      const whose = owned.has(kind) ? owners.get(room) : about.whose;
      // Who asks is another than whose it is.
      const fits = ({ party }: Actor) =>
        (party === whose) === (kind !== 'ask/1' && kind !== 'subject.request/1');
      const by = (chance(0.7) && pick(actors.filter(fits))) || pick(actors);
      const body = await bodies[kind](about.ref, room);
      try {
        const where = kinds[kind].room ? { room } : {};
        const { ref } = await by.say(kind, body, { parts: partsOf(kind), ...where });
        const asked =
          kind === 'ask/1' || kind === 'subject.request/1'
            ? about.ref.party
            : 'party' in body
              ? String(body.party)
              : by.party;
        said.set(kind, [...(said.get(kind) ?? []), { ref, room, whose: asked }]);
        if (kind === 'room.open/1') rooms.push(roomId(ref));
        if (kind === 'room.open/1') owners.set(roomId(ref), by.party);
        count(kind);
      } catch (error) {
        assert.ok(
          error instanceof Refusal && error.class !== 'fault',
          `${kind} ${JSON.stringify(body)}: ${error}`,
        );
        count(error.code);
      }
      assert.deepEqual(s.world.doubts, [], `${kind} ${JSON.stringify(body)}`);
    }

    assert.deepEqual(missed(), [], `not admitted: ${JSON.stringify([...codes])}`);

    function count(what: string): void {
      codes.set(what, (codes.get(what) ?? 0) + 1);
    }
  });

  async function moveOn(): Promise<void> {
    lively = [
      await s.world.room([s.anna, s.bert, s.carl], {
        undertakings: [{ id: 'report', by: 'd'.repeat(64), text: 'It reports.', inReturnFor: [] }],
      }),
      await s.world.room([s.bert, s.eve], { roster: false, past: true }),
    ];
    rooms.push(...lively);
    for (const room of lively) owners.set(room, s.host.party);
  }

  /** Everybody reads, so that there are notices; the centre says what it concludes, and that can be referred to. */
  async function lookAround(): Promise<void> {
    for (const by of actors) for (const room of rooms) await by.read(room).catch(() => {});
    await s.world.centre.round();
    const records = await s.world.centre.read(async (_, { log }) =>
      log.range(0, (await log.head())?.size ?? 0),
    );
    const notices = records.flatMap(({ header }) =>
      isA(header, 'notice/1') ? [{ ref: refOf(header), room: header.room ?? '', whose: header.body.to }] : [],
    );
    said.set('notice/1', notices);
  }
});
