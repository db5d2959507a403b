/** How soon a warning is answered while others share much, and while much is being taken back. */
import { setTimeout as pause } from 'node:timers/promises';
import type { StatementRef } from '@parley/core/fields.ts';
import type { BulkOrder, BulkReport } from '../bulk.ts';
import { child } from '../children.ts';
import { Line, requestOf } from '../line.ts';
import { byValue, quantile, type Row, shown } from '../report.ts';
import type { Options } from '../sizes.ts';
import { bodyOf, type Speaker, sign, signShare, warning } from '../speech.ts';
import { forget, gather, makeStage, type Party, start, temporary } from '../stage.ts';

/** Milliseconds between two warnings. */
const pace = 20;

export async function beside({ size }: Options): Promise<Row[]> {
  const { objects, recalled } = size.beside;
  const root = temporary('beside');
  const stage = await makeStage(root);
  const running = await start(stage.config);
  try {
    const { room, parties } = await gather(running.url, stage.host, 2);
    const [warner, sharer] = parties as [Party, Party];
    const about = { url: running.url, centre: stage.centre, room };
    const speaker: Speaker = { centre: stage.centre, ...warner };
    await warnings(about, speaker, pause(4_000));
    const order = { ...about, party: sharer.party, pkcs8: sharer.pkcs8 };
    const alone = await warnings(about, speaker, pause(4_000));
    const [sharing, shared] = await during(about, speaker, { ...order, objects });
    const taking = await whileRecalled(about, speaker, sharer, { ...order, objects: recalled });
    const told = (times: readonly number[]) =>
      `${times.length} warnings, one each ${pace} ms; median ${shown(quantile(times, 0.5))} ms, longest ${shown(Math.max(...times))} ms; with nothing beside them p99 ${shown(quantile(alone, 0.99))} ms`;
    const share = `a share of ${shown(objects)} objects at ${shown(objects / shared.seconds)} a second`;
    return [
      byValue(
        { name: 'warning-beside-share', unit: 'ms', note: `p99 beside ${share}: ${told(sharing)}` },
        quantile(sharing, 0.99),
        {
          most: 50,
        },
      ),
      byValue(
        {
          name: 'warning-beside-recall',
          unit: 'ms',
          note: `p99 while ${recalled} parts are taken back and erased: ${told(taking)}`,
        },
        quantile(taking, 0.99),
        { most: 50 },
      ),
    ];
  } finally {
    await running.stop();
    forget(root);
  }
}

interface About {
  readonly url: string;
  readonly centre: string;
  readonly room: string;
}

/** Latencies in milliseconds, of warnings sent at their times, whether those before were answered or not. */
async function warnings({ url, room }: About, speaker: Speaker, until: Promise<unknown>): Promise<number[]> {
  let over = false;
  const end = until.finally(() => {
    over = true;
  });
  const idle: Line[] = [];
  const times: number[] = [];
  const running: Promise<void>[] = [];
  for (let n = 0; !over; n++) {
    const request = requestOf(url, bodyOf(await signShare(speaker, room, [warning(n)])));
    const line = idle.pop() ?? (await Line.open(url));
    const begun = performance.now();
    const asked = line.ask(request).then(({ status, body }) => {
      if (status !== 201) throw new Error(`${status} ${body}`);
      times.push(performance.now() - begun);
      idle.push(line);
    });
    asked.catch(() => undefined);
    running.push(asked);
    await pause(pace);
  }
  await Promise.all(running);
  for (const line of idle) line.close();
  await end;
  return times;
}

async function during(about: About, speaker: Speaker, order: BulkOrder): Promise<[number[], BulkReport]> {
  const bulk = await child<BulkReport>('bulk.ts', order);
  const shared = bulk.begin();
  return [await warnings(about, speaker, shared), await shared];
}

/** Several times over, since it takes but a moment: and some more warnings after each, while parts are erased. */
async function whileRecalled(
  about: About,
  speaker: Speaker,
  sharer: Party,
  order: BulkOrder,
): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const { refs } = await (await child<BulkReport>('bulk.ts', order)).begin();
    const taken = recallAll(about, { centre: about.centre, ...sharer }, refs).then(() => pause(1_500));
    times.push(...(await warnings(about, speaker, taken)));
  }
  return times;
}

async function recallAll(
  { url, room }: About,
  speaker: Speaker,
  refs: readonly StatementRef[],
): Promise<void> {
  const line = await Line.open(url);
  for (const target of refs) {
    const { status, body } = await line.ask(
      requestOf(url, bodyOf(await sign(speaker, 'recall/1', { room, body: { target, parts: null } }))),
    );
    if (status !== 201) throw new Error(`${status} ${body}`);
  }
  line.close();
}
