/** What somebody tries against a party and is refused: that party is told, who tried it is not. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { openCentre } from '@parley/sdk/centre.ts';
import { memoryInRam } from '@parley/sdk/memory.ts';
import { openHere } from './journals/fixture.ts';
import { type Actor, newSigner } from './testing/actor.ts';
import { arrange, recovering, vouch } from './testing/recovery.ts';
import { type Served, serve } from './testing/served.ts';
import { World } from './testing/world.ts';

describe('attempts', () => {
  let served: Served;
  let anna: Actor;
  let bert: Actor;
  let eve: Actor;

  before(async () => {
    served = await serve(await World.begin());
    const { world } = served;
    [anna, bert, eve] = [await world.party('Anna'), await world.party('Bert'), await world.party('Eve')];
    await world.room([anna, bert]);
    await arrange(anna, { key: newSigner() });
  });
  after(() => served.end());

  const attempts = async (actor: Actor) => {
    const centre = await openCentre(served.url, { memory: memoryInRam() });
    const about = { signer: actor.signer, party: actor.party, purpose: 'event-security' };
    return (await centre.session(about)).attempts();
  };

  it('are told to the party that they were aimed at, once in an hour, and to nobody else', async () => {
    for (let i = 0; i < 3; i++)
      await assert.rejects(recovering(anna, newSigner()), (error) => {
        assert.ok(error instanceof Refusal);
        assert.deepEqual(error.concerns, [anna.party]);
        return true;
      });
    await assert.rejects(vouch(bert, anna, newSigner()));
    await assert.rejects(vouch(eve, anna, newSigner()));
    // Nobody waits for the journal.
    const told = await eventually('all three', async () => {
      const told = await attempts(anna);
      return told.length === 3 ? told : null;
    });
    assert.deepEqual(
      told.map(({ speaker, proven, what, code }) => [speaker, proven, what, code]).sort(),
      [
        [bert.party, true, 'party.readmit/1', 'recovery.not-guardian'],
        // That Eve is here at all, Anna may not know.
        [null, false, 'party.recover/1', 'device.unknown'],
        [null, true, 'party.readmit/1', 'recovery.not-guardian'],
      ].sort(),
    );
    for (const other of [bert, eve]) assert.deepEqual(await attempts(other), []);
  });

  it('stand in no answer to who tried it', async () => {
    const { problemOf } = await import('./api/problems.ts');
    const refusal = new Refusal('recovery.early', { concerns: [anna.party] });
    assert.doesNotMatch(JSON.stringify(problemOf(refusal, 'centre.example')), new RegExp(anna.party));
  });

  it('fill nothing where a forger names parties that are not here', async () => {
    const nobody = newSigner();
    const ghost = Object.assign(Object.create(anna) as Actor, { party: nobody.device });
    await assert.rejects(recovering(ghost, newSigner()), { code: 'device.unknown' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(await served.world.centre.journals.attempts.against(nobody.device), []);
  });
});

it('the journal keeps the newest thousand of a party', async (t) => {
  const { attempts } = await openHere(t);
  const hour = 3_600_000_000;
  for (let i = 1; i <= 1_010; i++)
    await attempts.note(new Refusal('recovery.early', { concerns: ['a'] }), {
      ...{ speaker: null, what: 'party.recover/1', at: i * hour },
    });
  const kept = await attempts.against('a');
  assert.ok(kept.length <= 1_000);
  assert.equal(kept[0]?.at, 1_010 * hour);
  assert.equal(await attempts.countSince('a', 1_009 * hour), 2);
});
