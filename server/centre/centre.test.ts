/** Law 4: what the centre concludes it says at the front door, once. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { base64 } from '@parley/core/bytes.ts';
import { verifyInclusion } from '@parley/core/merkle.ts';
import { partLeaf } from '@parley/core/parts.ts';
import { type Actor, indicator } from '../testing/actor.ts';
import { World } from '../testing/world.ts';

const hour = 3_600_000_000;

describe('the centre as a party', () => {
  let world: World;
  let anna: Actor;
  let bert: Actor;
  let offset = 0;

  before(async () => {
    world = await World.begin({ now: () => Date.now() * 1000 + offset });
    anna = await world.party('Anna');
    bert = await world.party('Bert');
  });
  after(async () => {
    await world.end();
    assert.deepEqual(world.doubts, []);
  });

  async function saidBy(kind: string): Promise<number> {
    return world.centre.read(async (_, { log }) => {
      const size = (await log.head())?.size ?? 0;
      return (await log.range(0, size)).filter(({ header }) => header.kind === kind).length;
    });
  }

  it('tells each recipient once, however often it looks, and after a restart', async () => {
    const room = await world.room([anna, bert]);
    const said = await anna.share(room, [indicator('x')]);
    await bert.read(room);
    await bert.read(room);
    await anna.recall(room, said.ref);
    await Promise.all([world.centre.round(), world.centre.round()]);
    await world.restart();
    await world.centre.round();
    assert.equal(await saidBy('notice/1'), 1);
  });

  it('commits to the accesses of each hour, also when nothing was read, and every party can prove its leaf', async () => {
    const room = await world.room([anna, bert]);
    await anna.share(room, [indicator('y')]);
    await bert.read(room);
    const before = await saidBy('access.digest/1');
    offset += 2 * hour;
    await world.centre.round();
    await world.centre.round();
    assert.equal((await saidBy('access.digest/1')) - before, 2);
    const [start] = await world.centre.journals.digests.ofParty(anna.party, null, 10);
    const leaf = await world.centre.journals.digests.leafFor(anna.party, start as number);
    assert.ok(leaf);
    const read = JSON.parse(new TextDecoder().decode(leaf.leaf)) as {
      accesses: { party: string; purpose: string }[];
    };
    assert.ok(
      read.accesses.some(({ party, purpose }) => party === bert.party && purpose === 'event-security'),
    );
    const records = await world.centre.read(async (_, { log }) =>
      log.range(0, (await log.head())?.size ?? 0),
    );
    const digest = records.map(({ header }) => header).find(({ kind }) => kind === 'access.digest/1');
    assert.ok(digest?.kind === 'access.digest/1');
    const { leaves, root } = digest.body;
    const hash = partLeaf({ salt: leaf.salt, bytes: leaf.leaf });
    verifyInclusion(
      hash,
      leaf.index,
      leaves,
      leaf.path,
      Uint8Array.from(atob(root), (char) => char.charCodeAt(0)),
    );
    assert.equal(base64(hash).length, 44);
  });

  it('is held to the rules: a party cannot speak as the centre', async () => {
    const room = await world.room([anna, bert]);
    const said = await anna.share(room, [indicator('z')]);
    const body = { cause: 'recall', target: said.ref, parts: [0], by: said.ref, to: bert.party };
    await assert.rejects(bert.say('notice/1', body, { room }), { code: 'centre.only' });
  });
});
