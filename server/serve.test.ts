import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createLog } from './api/logging.ts';
import { loadConfig } from './config.ts';
import { type Served, serveCentre } from './serve.ts';
import { located } from './testing/located.ts';
import { World } from './testing/world.ts';

/** A centre that was opened and stopped, and its configuration. */
async function opened(t: TestContext, more: Record<string, unknown> = {}) {
  const world = await World.begin();
  await world.centre.stop();
  const lines: string[] = [];
  const log = createLog('info', { write: (line: string) => void lines.push(line) });
  const config = loadConfig(
    undefined,
    {},
    {
      centre: 'centre.example',
      ...located(world.folder),
      ...more,
    },
  );
  const doubts: unknown[] = [];
  const started: Served[] = [];
  const start = async () => {
    const served = await serveCentre(
      { ...config, 'listen.port': 0 },
      {
        log,
        clockConfirmed: false,
        onDoubt: (cause) => doubts.push(cause),
      },
    );
    started.push(served);
    return served;
  };
  t.after(async () => {
    for (const served of started) await served.stop();
    await world.restart();
    await world.end();
  });
  return { world, start, lines, doubts };
}

test('it listens, answers, and stops', async (t) => {
  const { start, lines, doubts } = await opened(t);
  const served = await start();
  const about = (await (await fetch(`${served.url}api/v1/centre`)).json()) as { centre: string };
  assert.equal(about.centre, 'centre.example');
  assert.equal((await fetch(`${served.url}ready`)).status, 200);
  assert.match(await (await fetch(`${served.url}metrics`)).text(), /parley_log_records/);
  await served.stop();
  await assert.rejects(fetch(served.url));
  assert.deepEqual(doubts, []);
  const said = lines.map((line) => JSON.parse(line));
  assert.equal(said.find(({ msg }) => msg === 'listening')?.url, served.url);
  assert.equal(said.at(-1)?.msg, 'stopped');
});

test('a second one in the same folder is refused, and leaves the first as it is', async (t) => {
  const { start } = await opened(t);
  const served = await start();
  await assert.rejects(start(), { code: 'store.held' });
  assert.equal((await fetch(`${served.url}ready`)).status, 200);
  await served.stop();
  await start();
});

test('figures on a port of their own, with a token', async (t) => {
  const { world, start } = await opened(t, { 'metrics.port': 0, 'metrics.token': 'token' });
  await assert.rejects(start(), { code: 'file.unreadable' });
  const token = join(world.folder, 'token');
  writeFileSync(token, 'secret\n');
  const other = await opened(t, { 'metrics.port': 0, 'metrics.token': token, 'limits.address': 9 });
  const served = await other.start();
  const url = served.metricsUrl ?? '';
  assert.equal((await fetch(url)).status, 404);
  assert.equal((await fetch(url, { headers: { authorization: 'Bearer secret' } })).status, 200);
  assert.equal(
    (await fetch(`${served.url}metrics`, { headers: { authorization: 'Bearer secret' } })).status,
    404,
  );
  const guess = (n: number) => fetch(url, { headers: { authorization: `Bearer ${n}` } });
  for (let n = 0; n < 7; n++) assert.equal((await guess(n)).status, 404);
  const tooMany = await guess(7);
  assert.deepEqual([tooMany.status, Number(tooMany.headers.get('retry-after')) > 0], [429, true]);
  assert.equal((await fetch(url, { headers: { authorization: 'Bearer secret' } })).status, 429);
});

test('figures can be off; a taken port and a bad policy are named', async (t) => {
  const { start } = await opened(t, { 'metrics.on': false });
  const served = await start();
  assert.equal((await fetch(`${served.url}metrics`)).status, 404);
  const taken = await opened(t);
  const port = Number(new URL(served.url).port);
  const config = loadConfig(
    undefined,
    {},
    {
      centre: 'centre.example',
      ...located(taken.world.folder),
      'listen.port': port,
    },
  );
  const options = { log: createLog('silent'), clockConfirmed: false, onDoubt: () => {} };
  await assert.rejects(serveCentre(config, options), { code: 'config.value', at: 'listen.port' });
  const policy = join(taken.world.folder, 'policy');
  writeFileSync(policy, 'nonsense\n');
  await assert.rejects(serveCentre({ ...config, witnesses: policy }, options), { code: 'policy.malformed' });
});
