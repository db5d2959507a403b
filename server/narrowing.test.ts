/** What is taken back from some parties is withheld from these, everywhere, and stands for the others as it stood. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { checkCentre } from './check-centre.ts';
import { releaseAudience } from './release/audience.ts';
import { releaseStatement } from './release/content.ts';
import { releaseRecalls, releaseTasks } from './release/dues.ts';
import { releaseHeadings } from './release/headings.ts';
import { releaseLocked } from './release/locked.ts';
import { type Actor, indicator, type Said } from './testing/actor.ts';
import { located } from './testing/located.ts';
import { World } from './testing/world.ts';

const both = { purposes: ['event-security', 'threat-prevention'] };
const prevention = { purpose: 'threat-prevention' };

describe('taken back from some', () => {
  let world: World;
  let anna: Actor;
  let bert: Actor;
  let carl: Actor;
  let eve: Actor;
  let room: string;
  let said: Said;

  before(async () => {
    world = await World.begin();
    anna = await world.party('Anna');
    bert = await world.party('Bert');
    carl = await world.party('Carl');
    eve = await world.party('Eve');
  });
  beforeEach(async () => {
    room = await world.room([anna, bert, carl]);
    said = await anna.share(room, [indicator('a'), indicator('b')], both);
  });
  after(async () => {
    await world.centre.round();
    await checkCentre({ ...located(world.folder), centre: world.centre.name, now: world.centre.now() });
    assert.equal(world.centre.disagreements(), 0);
    assert.deepEqual(world.doubts, []);
    await world.end();
  });

  /** `absent`, or what is left of it. */
  const stateFor = async (by: Actor, ref: StatementRef = said.ref, about = {}) => {
    try {
      const { value } = await world.centre.read((sources) =>
        releaseStatement(by.viewer(about), ref, sources),
      );
      const [one] = value.statements;
      return one?.content === 'erased' ? 'header' : (one?.parts ?? []).map(({ n }) => n);
    } catch (error) {
      assert.ok(error instanceof Refusal, String(error));
      return error.code;
    }
  };
  const listed = async (by: Actor, about = {}) => {
    const { value } = await world.centre.read((sources) =>
      releaseHeadings(by.viewer(about), { room, after: null, limit: 1_000 }, sources),
    );
    return value.statements.filter(({ record }) => record.header.id === said.ref.id);
  };
  const locked = async (by: Actor, about = {}) => {
    const { value } = await world.centre.read((sources) => releaseLocked(by.viewer(about), room, sources));
    return value.locked.map(({ count }) => count);
  };
  const notices = async (by: Actor) => {
    const { value } = await world.centre.read((sources) => releaseTasks(by.viewer(), sources));
    return value.tasks.filter((task) => task.what === 'notice' && task.room === room);
  };
  const recalls = async () => {
    const { value } = await world.centre.read((sources) =>
      releaseRecalls(anna.viewer(), sources, async () => null),
    );
    return value.recalls.filter(({ target }) => target.id === said.ref.id);
  };

  it('hides it from them at once, and from nobody else', async () => {
    await anna.recall(room, said.ref, null, [bert]);
    assert.deepEqual(await bert.names(room), []);
    assert.equal(await stateFor(bert), 'absent');
    assert.deepEqual(await listed(bert), []);
    assert.deepEqual(await locked(bert, prevention), []);
    assert.deepEqual(await carl.names(room), ['a', 'b']);
    assert.deepEqual(await anna.names(room), ['a', 'b']);
  });

  it('tells those of them that had it, and they alone; they owe an answer', async () => {
    await bert.read(room);
    await carl.read(room);
    await anna.recall(room, said.ref, null, [bert, eve]);
    assert.equal(await stateFor(bert), 'absent');
    await world.centre.round();
    assert.equal(await stateFor(bert), 'header');
    assert.deepEqual(
      (await listed(bert, { purpose: 'cyber-defence' })).map(({ content }) => content),
      ['erased'],
      'whatever the purpose',
    );
    assert.equal((await listed(bert)).length, 1);
    const [task] = await notices(bert);
    assert.ok(task);
    for (const other of [carl, eve]) assert.deepEqual(await notices(other), []);
    const body = { notice: task.statement, answer: 'destroyed', basis: null, until: null };
    await bert.say('ack/1', body, { room });
    const [recall] = await recalls();
    assert.deepEqual(recall?.from, [bert.party, eve.party].sort());
    assert.equal(recall?.erased, null);
    assert.deepEqual(
      recall?.recipients.map(({ party, answer }) => [party, answer]),
      [[bert.party, 'destroyed']],
    );
  });

  it('takes back some parts, and the header stays with what is left', async () => {
    await bert.read(room);
    await anna.recall(room, said.ref, [0], [bert]);
    await world.centre.round();
    assert.deepEqual(await bert.names(room), ['b']);
    assert.deepEqual(await stateFor(bert), [1]);
    assert.equal((await listed(bert)).length, 1);
    assert.deepEqual(await locked(bert, { purpose: 'cyber-defence' }), [1]);
    await anna.recall(room, said.ref, [1]);
    assert.equal((await stateFor(bert)) === 'header' || (await stateFor(bert)) === 'absent', true);
    await world.centre.round();
    assert.deepEqual(await carl.names(room), ['a']);
  });

  it('ends grants, and a grant said later opens it again, for what it names', async () => {
    await anna.grant(room, said.ref, eve);
    await eve.read(room);
    await anna.recall(room, said.ref, null, [eve, bert]);
    assert.equal(await stateFor(eve), 'absent');
    await world.centre.round();
    assert.equal(await stateFor(eve), 'header');
    await anna.grant(room, said.ref, eve, { parts: [1] });
    assert.deepEqual(await stateFor(eve), [1]);
    assert.deepEqual(await eve.names(room), ['b']);
    await anna.grant(room, said.ref, bert, { purposes: ['threat-prevention'] });
    assert.deepEqual(await bert.names(room), [], 'the room no longer opens it for another purpose');
    assert.deepEqual(await bert.names(room, prevention), ['a', 'b']);
    assert.deepEqual(await locked(bert), [2]);
    assert.equal((await listed(bert, prevention)).length, 1);
    assert.deepEqual(await listed(bert), []);
    await anna.recall(room, said.ref, null, [bert]);
    assert.deepEqual(await bert.names(room, prevention), []);
  });

  it('is taken back from all afterwards as ever', async () => {
    await bert.read(room);
    await carl.read(room);
    await anna.recall(room, said.ref, null, [bert]);
    await world.centre.round();
    await anna.recall(room, said.ref);
    await world.centre.round();
    for (const by of [bert, carl]) {
      assert.deepEqual(await by.names(room), []);
      assert.equal(await stateFor(by), 'header');
    }
    assert.deepEqual(
      (await recalls()).map(({ from, recipients }) => [from, recipients.map(({ party }) => party).sort()]),
      [
        [[bert.party], [bert.party]],
        [null, [bert.party, carl.party].sort()],
      ],
    );
  });

  it('says to its author by which rule they could not read it', async () => {
    await anna.recall(room, said.ref, [1], [bert]);
    const { value } = await world.centre.read((sources) => releaseAudience(anna.viewer(), said.ref, sources));
    assert.deepEqual(
      value.audience.filter(({ party }) => party === bert.party).map(({ parts, rule }) => [parts, rule]),
      [
        [[0], 'member'],
        [[1], 'withheld'],
      ],
    );
  });

  it('cannot be asked for by whom it is withheld from', async () => {
    await anna.recall(room, said.ref, null, [bert]);
    const body = { target: said.ref, parts: null, to: eve.party, purposes: ['event-security'] };
    await assert.rejects(
      bert.say('ask/1', body, { room }),
      (error) => error instanceof Refusal && error.code === 'target.unknown',
    );
  });

  it('an undertaking that is suspended withholds it from one, grants too, until it is resumed', async () => {
    const undertakings = [
      { id: 'report', by: 'each' as const, text: 'Each reports.', inReturnFor: [] },
      { id: 'routes', by: 'each' as const, text: 'Each shares routes.', inReturnFor: ['report'] },
    ];
    room = await world.room([anna, bert, carl], { undertakings });
    said = await anna.share(room, [indicator('a')], both);
    await anna.grant(room, said.ref, bert);
    const terms = await anna.termsHash(room);
    const broken = { undertaking: 'report', by: bert.party, terms, state: 'broken', evidence: [] };
    const { ref: because } = await anna.say('undertaking.state/1', broken, { room });
    const stop = await anna.say(
      'undertaking.suspend/1',
      { undertaking: 'routes', because, from: bert.party },
      { room },
    );
    assert.deepEqual(await bert.names(room), []);
    assert.equal(await stateFor(bert), 'absent');
    assert.deepEqual(await locked(bert, { purpose: 'cyber-defence' }), []);
    assert.deepEqual(await carl.names(room), ['a']);
    await anna.say('undertaking.resume/1', { suspension: stop.ref }, { room });
    assert.deepEqual(await bert.names(room), ['a']);
  });
});
