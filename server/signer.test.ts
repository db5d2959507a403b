/** The key of the centre's own device is that of the party in its log, or nothing begins. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { it } from 'node:test';
import { openCentre } from './app.ts';
import { checkCentre } from './check-centre.ts';
import { refusal } from './log/sequencer-sample.ts';
import { pathsIn } from './paths.ts';
import { createSigner } from './signer.ts';
import { located } from './testing/located.ts';
import { World } from './testing/world.ts';

it('a folder with the key of another centre, or the name of one, does not start, and fsck says so', async () => {
  const world = await World.begin();
  await world.centre.stop();
  const { centreKey } = pathsIn(world.folder);
  const other = { ...located(world.folder), centre: 'other.example', now: () => Date.now() * 1000 };
  await assert.rejects(openCentre({ ...other, onDoubt: () => {} }), (error) => {
    return refusal('config.value')(error) && (error as { at?: string }).at === 'centre';
  });
  await checkCentre(located(world.folder));
  rmSync(centreKey);
  createSigner(centreKey);
  const saying = (code: string) => (error: unknown) =>
    refusal(code)(error) && (error as { at?: string }).at === centreKey;
  await assert.rejects(World.on(world.folder), saying('file.unreadable'));
  await assert.rejects(checkCentre(located(world.folder)), saying('store.corrupt'));
  await world.forget();
});
