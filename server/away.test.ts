/** A centre whose database goes away and comes back: nothing is taken meanwhile, nothing is lost, nobody restarts it. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import { checkCentre } from './check-centre.ts';
import { indicator } from './testing/actor.ts';
import { located } from './testing/located.ts';
import { asked, testServer, withoutServer } from './testing/postgres.ts';
import { serve } from './testing/served.ts';
import { World } from './testing/world.ts';

/** As when its server stops: who is connected loses it, and nobody gets in. */
async function shut(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await asked(testServer ?? '', `alter database ${name} allow_connections false`);
  await asked(testServer ?? '', 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
    name,
  ]);
}

const open = (url: string) =>
  asked(testServer ?? '', `alter database ${new URL(url).pathname.slice(1)} allow_connections true`);

const away = (error: unknown) => error instanceof Refusal && error.code === 'store.away';

it('refuses while it is away, and goes on when it is back', { skip: withoutServer }, async () => {
  const world = await World.begin();
  const served = await serve(world);
  const anna = await world.party('Anna');
  const room = await world.room([anna]);
  await anna.share(room, [indicator('before')]);
  const size = world.centre.head()?.size;
  const { database } = located(world.folder);
  assert.ok(database);

  await shut(database);
  await assert.rejects(anna.share(room, [indicator('meanwhile')]), away);
  await assert.rejects(anna.names(room), away);
  await assert.rejects(world.centre.round(), away);
  const answer = await fetch(`${served.url}/api/v1/centre`);
  assert.equal(answer.status, 503);
  assert.equal(answer.headers.get('retry-after'), '1');
  assert.equal(((await answer.json()) as { code: string }).code, 'store.away');
  assert.equal(world.centre.head()?.size, size, 'nothing was taken');

  await open(database);
  await anna.share(room, [indicator('after')]);
  assert.deepEqual(await anna.names(room), ['before', 'after']);
  const report = await checkCentre({ ...located(world.folder), centre: 'centre.example' });
  assert.equal(report.size, world.centre.head()?.size);
  await served.end();
  // Its own rounds, and what else runs by itself, may have found it away, too.
  assert.deepEqual(
    world.doubts.filter((doubt) => !away(doubt)),
    [],
  );
});
