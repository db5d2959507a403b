/** Supervision begins with the terms that name who supervises, and ends with them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { millisecondsOf } from '@parley/core/fields.ts';
import { makePart } from '@parley/core/parts.ts';
import { checkCentre } from './check-centre.ts';
import { releaseSupervisedAccesses } from './release/supervision.ts';
import { indicator, random } from './testing/actor.ts';
import { located } from './testing/located.ts';
import { World } from './testing/world.ts';

const minute = 60_000_000;
const words = [makePart({ reason: 'It stood in a newspaper.' }, random)];

describe('being supervised', () => {
  let world: World;
  before(async () => {
    world = await World.begin();
  });
  after(async () => {
    await world.centre.round();
    assert.equal(world.centre.disagreements(), 0);
    await checkCentre({ ...located(world.folder), centre: world.centre.name, now: world.centre.now() });
    await world.end();
  });

  it('begins and ends with the terms that say so: for accesses the reader’s, for content the room’s', async () => {
    const { host, centre } = world;
    const [anna, bert, vera] = [
      await world.party('Anna'),
      await world.party('Bert'),
      await world.party('Vera'),
    ];
    const room = await world.room([anna, bert]);
    const { ref } = await anna.share(room, [indicator('one')]);
    const seen = async () => {
      const { value } = await centre.read((sources) =>
        releaseSupervisedAccesses(
          vera.viewer(),
          room,
          { after: null, limit: 100 },
          sources,
          (...page) => centre.journals.accesses.ofParties(...page),
          String,
        ),
      );
      return value.accesses.map(({ justification }) => justification).reverse();
    };
    const read = (justification: string) => bert.read(room, { justification });
    await read('before');
    await host.changeTerms(room, { supervisor: vera.party });
    await host.invite(room, vera, 'supervisor');
    await vera.accept(room);
    await anna.accept(room);
    await read('not agreed');
    await bert.accept(room);
    assert.deepEqual(await seen(), []);
    await read('agreed');
    await host.changeTerms(room, { supervisor: vera.party, conditions: 'others' });
    await bert.accept(room);
    await read('agreed anew');
    await anna.grant(room, ref, bert);
    await bert.say('room.leave/1', {}, { room });
    await read('left');
    assert.deepEqual(await seen(), ['agreed', 'agreed anew']);
    await host.invite(room, bert);
    await bert.accept(room);
    await read('back');
    assert.deepEqual(await seen(), ['agreed', 'agreed anew', 'back']);

    const complaint = (
      await anna.say('complaint.lodge/1', { about: bert.party, statement: ref }, { room, parts: words })
    ).ref;
    const until = millisecondsOf(centre.now() + 60 * minute);
    await vera.say('supervision.open/1', { complaint, target: ref, parts: null, until }, { room });
    assert.deepEqual(await vera.names(room), ['one']);
    await host.changeTerms(room, { supervisor: null });
    assert.deepEqual(await vera.names(room), []);
    await bert.accept(room);
    await read('ended');
    assert.deepEqual(await seen(), []);
    await host.changeTerms(room, { supervisor: vera.party });
    assert.deepEqual(await vera.names(room), []);
    await bert.accept(room);
    assert.deepEqual(await seen(), []);
  });
});
