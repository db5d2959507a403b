/** Says shares of many objects, a few on their way at once, as the SDK does: in a process of its own, beside others. */

import type { StatementRef } from '@parley/core/fields.ts';
import { Line, requestOf } from './line.ts';
import { bodyOf, signShare, warning } from './speech.ts';
import { partyFrom } from './stage.ts';

export interface BulkOrder {
  readonly url: string;
  readonly centre: string;
  readonly room: string;
  readonly party: string;
  readonly pkcs8: string;
  readonly objects: number;
}

export interface BulkReport {
  readonly seconds: number;
  readonly refs: readonly StatementRef[];
}

const each = 256;
const inFlight = 4;

async function main(order: BulkOrder): Promise<void> {
  const { party, signer } = await partyFrom(order);
  const speaker = { centre: order.centre, party, signer };
  const signed: { request: Buffer; ref: StatementRef }[] = [];
  for (let first = 0; first < order.objects; first += each) {
    const objects = Array.from({ length: Math.min(each, order.objects - first) }, (_, n) =>
      warning(first + n),
    );
    const share = await signShare(speaker, order.room, objects);
    signed.push({ request: requestOf(order.url, bodyOf(share)), ref: share.ref });
  }
  process.send?.('ready');
  await new Promise((resolve) => process.once('message', resolve));
  const begun = performance.now();
  let next = 0;
  const speak = async () => {
    const line = await Line.open(order.url);
    for (let share = signed[next++]; share; share = signed[next++]) {
      const { status, body } = await line.ask(share.request);
      if (status !== 201) throw new Error(`${status} ${body}`);
    }
    line.close();
  };
  await Promise.all(Array.from({ length: inFlight }, speak));
  const report: BulkReport = {
    seconds: (performance.now() - begun) / 1000,
    refs: signed.map(({ ref }) => ref),
  };
  await new Promise<void>((resolve) => process.send?.(report, () => resolve()));
  process.disconnect();
}

await main(JSON.parse(process.argv[2] ?? '') as BulkOrder);
