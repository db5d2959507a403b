/** A room that is supervised: who reads what, complaints, and content that is opened for one, from the first to the last. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Code, Refusal } from '@parley/core/errors.ts';
import { millisecondsOf, type StatementRef } from '@parley/core/fields.ts';
import { makePart } from '@parley/core/parts.ts';
import { checkCentre } from './check-centre.ts';
import { releaseComplaints } from './release/complaints.ts';
import { releaseStatement } from './release/content.ts';
import { releaseReaders, releaseTasks } from './release/dues.ts';
import { releaseHeadings } from './release/headings.ts';
import { releaseLocked } from './release/locked.ts';
import { type ReadJournal, releaseStatistics, releaseSupervisedAccesses } from './release/supervision.ts';
import { type Actor, indicator, random } from './testing/actor.ts';
import { located } from './testing/located.ts';
import { World } from './testing/world.ts';

const minute = 60_000_000;
const words = [makePart({ reason: 'It stood in a newspaper.' }, random)];

describe('a supervised room', () => {
  let offset = 0;
  let world: World;
  let anna: Actor;
  let bert: Actor;
  let carl: Actor;
  let vera: Actor;
  let room: string;
  let shared: StatementRef;
  let complaint: StatementRef;

  before(async () => {
    world = await World.begin({ now: () => Date.now() * 1000 + offset });
    anna = await world.party('Anna');
    bert = await world.party('Bert');
    carl = await world.party('Carl');
    vera = await world.party('Vera');
    // Carl came when nobody supervised, and has not agreed to it since.
    room = await world.room([carl]);
    await world.host.changeTerms(room, { supervisor: vera.party });
    for (const by of [anna, bert]) {
      await world.host.invite(room, by);
      await by.accept(room);
    }
    await world.host.invite(room, vera, 'supervisor');
    await vera.accept(room);
    shared = (await anna.share(room, [indicator('one'), indicator('two')])).ref;
    await carl.share(room, [indicator('of Carl')]);
  });
  after(async () => {
    await check();
    assert.deepEqual(world.doubts, []);
    await world.end();
  });

  async function check(): Promise<void> {
    await world.centre.round();
    assert.equal(world.centre.disagreements(), 0);
    await checkCentre({ ...located(world.folder), centre: world.centre.name, now: world.centre.now() });
  }

  const accesses = async (by: Actor, of = room) => {
    const { value } = await world.centre.read((sources) =>
      releaseSupervisedAccesses(
        by.viewer(),
        of,
        { after: null, limit: 100 },
        sources,
        (...page) => world.centre.journals.accesses.ofParties(...page),
        String,
      ),
    );
    return value.accesses;
  };
  const complaints = async (by: Actor) =>
    (await world.centre.read((sources) => releaseComplaints(by.viewer(), room, sources))).value.complaints;
  const tasks = async (by: Actor) => {
    const { value } = await world.centre.read((sources) => releaseTasks(by.viewer(), sources));
    return value.tasks.filter(({ what }) => what === 'complaint').map(({ party, detail }) => [party, detail]);
  };
  const open = (about: object = {}) =>
    vera.say(
      'supervision.open/1',
      {
        complaint,
        target: shared,
        parts: null,
        until: millisecondsOf(world.centre.now() + 10 * minute),
        ...about,
      },
      { room },
    );
  const numbers = async (by: Actor, ref = shared) => {
    const { value } = await world.centre.read((sources) => releaseStatement(by.viewer(), ref, sources));
    return value.statements[0]?.parts.map(({ n }) => n);
  };
  const refusal = async (work: Promise<unknown>): Promise<Code | null> => {
    try {
      await work;
      return null;
    } catch (error) {
      assert.ok(error instanceof Refusal);
      return error.code;
    }
  };

  it('shows accesses with person and justification to who supervises, of those who agreed', async () => {
    await bert.read(room, { justification: 'case 7' });
    await carl.read(room);
    const rows = await accesses(vera);
    assert.deepEqual(
      rows.map(({ party, device, purpose, justification, statements }) => ({
        party,
        device,
        purpose,
        justification,
        statements,
      })),
      [
        {
          party: bert.party,
          device: bert.signer.device,
          purpose: 'event-security',
          justification: 'case 7',
          statements: [{ ...shared, parts: [0, 1] }],
        },
      ],
    );
  });

  it('shows them to nobody else', async () => {
    assert.equal(await refusal(accesses(anna)), 'room.not-supervisor');
    assert.equal(await refusal(accesses(world.host)), 'room.not-supervisor');
    const outside = await world.party('Otto');
    assert.equal(await refusal(accesses(outside)), 'absent');
    assert.equal(await refusal(accesses(vera, crypto.randomUUID())), 'absent');
  });

  it('shows no content to who supervises', async () => {
    assert.deepEqual(await vera.names(room), []);
    assert.equal(await refusal(numbers(vera)), 'absent');
  });

  it('a complaint goes to whom it is about and to who decides it, and each owes an answer', async () => {
    const body = { about: bert.party, statement: shared };
    complaint = (await anna.say('complaint.lodge/1', body, { room, parts: words })).ref;
    assert.deepEqual(await tasks(bert), [[anna.party, bert.party]]);
    assert.deepEqual(await tasks(vera), [[anna.party, bert.party]]);
    assert.deepEqual(await tasks(anna), []);
    for (const by of [anna, bert, vera]) {
      const [one, ...more] = await complaints(by);
      assert.deepEqual(more, []);
      assert.deepEqual(
        { statement: one?.statement, target: one?.target, open: one?.open, supervisor: one?.supervisor },
        { statement: complaint, target: shared, open: true, supervisor: vera.party },
      );
    }
    assert.deepEqual(await complaints(carl), []);
    assert.deepEqual(await complaints(world.host), []);
    assert.equal(await refusal(numbers(carl, complaint)), 'absent');
  });

  it('opens what it names, for whatever purpose, where the opening stands', async () => {
    await open({ parts: [1] });
    assert.deepEqual(await vera.names(room, { purpose: 'threat-prevention' }), ['two']);
    assert.deepEqual(await numbers(vera), [1]);
    const { value } = await world.centre.read((sources) =>
      releaseHeadings(vera.viewer(), { room, after: null, limit: 100 }, sources),
    );
    const kinds = value.statements.map(({ record }) => record.header.kind);
    assert.deepEqual(kinds.slice(-2), ['supervision.open/1', 'share/1']);
    await check();
  });

  it('shows the opening to those concerned, and the reading to the author', async () => {
    for (const by of [anna, bert, vera])
      assert.deepEqual(
        (await complaints(by))[0]?.openings.map(({ target, parts }) => ({ target, parts })),
        [{ target: shared, parts: [1] }],
      );
    const { value } = await world.centre.read((sources) =>
      releaseReaders(anna.viewer(), shared, sources, (index) =>
        world.centre.journals.accesses.readersOf(index),
      ),
    );
    assert.ok(value.readers.some(({ party, parts }) => party === vera.party && parts.includes(1)));
  });

  it('closes with the end of the opening', async () => {
    offset += 11 * minute;
    assert.deepEqual(await vera.names(room), []);
    assert.equal(await refusal(numbers(vera)), 'absent');
    await check();
    await open();
    assert.deepEqual(await vera.names(room), ['one', 'two']);
  });

  it('tells who supervises of what is taken back, like any reader', async () => {
    await anna.recall(room, shared, [0]);
    assert.deepEqual(await numbers(vera), [1]);
    await world.centre.round();
    const { value } = await world.centre.read((sources) => releaseTasks(vera.viewer(), sources));
    assert.equal(value.tasks.filter(({ what }) => what === 'notice').length, 1);
    await check();
  });

  it('wants a justification for personal data from who supervises, and does not count it as locked', async () => {
    const personal = [{ category: 'other' as const, nature: 'fact' as const }];
    const { ref } = await bert.share(room, [indicator('person')], { personal });
    await open({ target: ref });
    assert.deepEqual(await vera.names(room), ['two']);
    const { value } = await world.centre.read((sources) => releaseLocked(vera.viewer(), room, sources));
    assert.deepEqual(value.locked, []);
    assert.deepEqual(await vera.names(room, { justification: 'the complaint' }), ['two', 'person']);
    await check();
  });

  it('closes with the decision, and not with the answer of the one complained of', async () => {
    const about = (verdict: string) => ({ complaint, verdict });
    await bert.say('complaint.answer/1', about('answered'), { room, parts: words });
    assert.deepEqual(await tasks(bert), []);
    assert.equal((await complaints(anna))[0]?.open, true);
    assert.deepEqual(await numbers(vera), [1]);
    await vera.say('complaint.answer/1', about('upheld'), { room, parts: words });
    const [one] = await complaints(anna);
    assert.equal(one?.open, false);
    assert.deepEqual(
      one?.answers.map(({ party, verdict }) => [party, verdict]),
      [
        [bert.party, 'answered'],
        [vera.party, 'upheld'],
      ],
    );
    assert.deepEqual(await vera.names(room, { justification: 'the complaint' }), []);
    assert.equal(await refusal(open()), 'supervision.no-case');
    await check();
  });

  it('counts accesses by party and purpose, and complaints by addressee and verdict', async () => {
    await anna.say('complaint.lodge/1', { about: bert.party, statement: null }, { room, parts: words });
    const { value } = await world.centre.read((sources) =>
      releaseStatistics(
        vera.viewer(),
        room,
        { from: 0, after: null },
        sources,
        (...page) => world.centre.journals.accesses.ofParties(...page),
        String,
      ),
    );
    assert.deepEqual(value.accesses, [
      { party: bert.party, purpose: 'event-security', accesses: 1, parts: 2, justified: 1 },
    ]);
    assert.deepEqual(
      value.complaints.map(({ about, verdict, count }) => [about, verdict, count]),
      [
        [bert.party, 'upheld', 1],
        [bert.party, null, 1],
      ],
    );
  });

  it('who complained of a party in general need not know what of others is opened', async () => {
    const { ref } = await anna.say(
      'complaint.lodge/1',
      { about: bert.party, statement: null },
      { room, parts: words },
    );
    const of = (await world.host.share(room, [indicator('of the host')], { to: { parties: [bert.party] } }))
      .ref;
    await open({ complaint: ref, target: of });
    assert.deepEqual(await vera.names(room), ['of the host']);
    const openingsFor = async (by: Actor) =>
      (await complaints(by)).find(({ statement }) => statement.id === ref.id)?.openings.length;
    assert.equal(await openingsFor(anna), 0);
    assert.equal(await openingsFor(bert), 1);
    await check();
  });

  it('looks at no more of the journal than a bound for one answer, and says where to go on', async () => {
    let looked = 0;
    const elsewhere = { device: '', purpose: 'event-security', justification: null, route: '', list: [] };
    const endless: ReadJournal = async (_, after, limit) => {
      looked += limit;
      const at = world.centre.now();
      const accesses = Array.from({ length: limit }, (_, i) => ({
        ...{ ...elsewhere, at, party: bert.party },
        place: (after ?? 1_000_000_000) - 1 - i,
      }));
      return { accesses, next: accesses.at(-1)?.place ?? null };
    };
    const [list, numbers] = await world.centre.read(async (sources) => [
      await releaseSupervisedAccesses(
        vera.viewer(),
        room,
        { after: null, limit: 10 },
        sources,
        endless,
        String,
      ),
      await releaseStatistics(vera.viewer(), room, { from: 0, after: null }, sources, endless, String),
    ]);
    assert.equal(looked, 20_000);
    assert.deepEqual(list?.value.accesses, []);
    assert.equal(list?.value.next, String(1_000_000_000 - 10_000));
    assert.deepEqual(numbers?.value.next, list?.value.next);
  });

  it('shuts who leaves supervision out of what it opened', async () => {
    await vera.say('room.leave/1', {}, { room });
    assert.deepEqual(await vera.names(room), []);
    assert.equal(await refusal(accesses(vera)), 'room.not-supervisor');
  });
});
