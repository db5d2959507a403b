/** From nothing to the first answer, in a long log as in a short one; and folding all of it again. */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Built, built } from '../built.ts';
import { anonymousMemory, byRatio, byValue, median, type Row, shown } from '../report.ts';
import type { Options } from '../sizes.ts';
import { start } from '../stage.ts';

export async function starting({ size, cache, say }: Options): Promise<Row[]> {
  const { few, many } = size.records;
  const [short, long] = [await built(cache, few, 1, say), await built(cache, many, 1, say)];
  const objects = await built(cache, size.objects.many, 256, say);
  const times = { short: [] as number[], long: [] as number[], objects: [] as number[] };
  let memory = 0;
  for (let round = -1; round < size.starts; round++)
    for (const [of, store] of Object.entries({ short, long, objects }) as [keyof typeof times, Built][]) {
      const { ready, anonymous } = await once(store);
      if (round >= 0) times[of].push(ready);
      if (of === 'objects') memory = Math.max(memory, anonymous);
    }
  const of = `by "parley start", until its first answer; median of ${size.starts}`;
  const [fast, slow] = [median(times.short), median(times.long)];
  return [
    byValue(
      { name: 'start-objects', unit: 'ms', note: `${shown(objects.objects)} objects, ${of}` },
      median(times.objects),
      {
        most: 500,
      },
    ),
    byValue({ name: 'start-records', unit: 'ms', note: `${shown(long.records)} records, ${of}` }, slow, {
      most: 500,
    }),
    byRatio(
      {
        name: 'start-growth',
        unit: 'ms',
        note: `${shown(long.records)} records; reference: ${shown(short.records)}`,
      },
      slow,
      fast,
      { most: 1.25 },
    ),
    byValue(
      {
        name: 'memory-started',
        unit: 'MB',
        note: `RssAnon with ${shown(objects.objects)} objects, after the first answer`,
      },
      memory / 1e6,
      {
        most: 400,
      },
    ),
    await folding(objects),
  ];
}

async function once({ config }: Built): Promise<{ ready: number; anonymous: number }> {
  const begun = performance.now();
  const running = await start(config, true);
  const response = await fetch(`${running.url}api/v1/centre`);
  await response.arrayBuffer();
  const ready = performance.now() - begun;
  const anonymous = anonymousMemory(running.pid);
  await running.stop();
  if (!response.ok) throw new Error(`the centre answered ${response.status}`);
  return { ready, anonymous };
}

/** As after an update whose folds are others: the next start makes the tables anew. */
async function folding({ folder, config, objects }: Built): Promise<Row> {
  const store = new DatabaseSync(join(folder, 'log.sqlite'));
  store.exec('update projection set version = 0');
  store.close();
  const running = await start(config);
  await running.stop();
  const usual = await start(config);
  await usual.stop();
  const seconds = (running.listening - usual.listening) / 1000;
  const note = `${shown(objects)} objects, 256 to a statement: a start that folds the log again, less a usual one`;
  return byValue({ name: 'fold-again', unit: 'objects/s', note }, objects / seconds, { least: 20_000 });
}
