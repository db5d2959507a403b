import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Code, Refusal } from '@parley/core/errors.ts';
import { makePart } from '@parley/core/parts.ts';
import { maxSkew } from '@parley/core/record.ts';
import type { Counting } from './api/context.ts';
import { OwnDoing } from './own-doing.ts';
import { type Actor, handling, indicator, random } from './testing/actor.ts';
import { World } from './testing/world.ts';

const second = 1_000_000;

describe('what counts against a speaker', () => {
  let world: World;
  let anna: Actor;
  let room: string;
  let now: number;
  before(async () => {
    world = await World.begin();
    anna = await world.party('Anna');
    room = await world.room([anna]);
  });
  after(() => world.end());

  const make = () => anna.make('share/1', { handling }, { room, parts: [makePart(indicator('x'), random)] });
  const doing = () => {
    now = world.centre.now();
    return new OwnDoing({ snapshot: (work) => world.centre.read((_, moment) => work(moment)) }, () => now);
  };

  it('is not the state of the centre, nor what anybody could bring about', async () => {
    const own = doing();
    const said = await make();
    const others: Code[] = [
      ...([
        'queue.full',
        'replica.behind',
        'replica.awaited',
        'store.away',
        'stopping',
        'clock.centre',
        'rate.limited',
      ] as const),
      ...(['store.moved', 'fault', 'statement.id-known', 'clock.skew', 'header.centre'] as const),
      ...(['device.unknown', 'device.revoked', 'device.ended'] as const),
    ];
    for (const code of others) assert.equal(own.refused(new Refusal(code), said), false, code);
    assert.equal(own.refused(new Error('a fault'), said), false);
    assert.equal(
      own.refused(new Refusal('room.unknown'), said),
      true,
      'none of them was taken for the first',
    );
  });

  it('is each refused statement once, for as long as it could be said', async () => {
    const own = doing();
    const [one, two] = [await make(), await make()];
    const refusal = new Refusal('room.unknown');
    assert.deepEqual([own.refused(refusal, one), own.refused(refusal, two)], [true, true]);
    for (let minutes = 0; minutes < 30; minutes++) {
      assert.deepEqual([own.refused(refusal, one), own.refused(refusal, two)], [false, false], `${minutes}`);
      now += 60 * second;
    }
    assert.equal(own.refused(refusal, await make()), false, 'it is too old by now');
    now = world.centre.now() - maxSkew + 60 * second;
    assert.equal(own.refused(refusal, await make()), true);
  });

  it('is said by a device of the party that is named', async () => {
    const own = doing();
    const bert = await world.party('Bert');
    const { header } = await make();
    assert.equal(await own.isSpeaker(header), true);
    assert.equal(await own.isSpeaker({ ...header, party: bert.party }), false);
    assert.equal(await own.isSpeaker({ ...header, device: 'f'.repeat(64) }), false);
  });

  it('whether a party has something left is not told to who sends what it said', async () => {
    const own = doing();
    const counting: Counting = {
      check: () => Promise.reject(new Refusal('rate.limited')),
      count: async () => {},
    };
    const { statement } = await anna.share(room, [indicator('said')]);
    await assert.rejects(own.check(statement.header, counting), { code: 'statement.id-known' });
    await assert.rejects(own.check((await make()).header, counting), { code: 'rate.limited' });
  });
});
