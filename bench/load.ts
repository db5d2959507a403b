/**
 * The load generator, in a process of its own: sends bodies that stand ready, so many at once, each on a connection
 * that is kept.
 */
import { Line, requestOf } from './line.ts';
import { bodyOf, signShare, warning } from './speech.ts';
import { partyFrom } from './stage.ts';

export interface LoadOrder {
  readonly url: string;
  readonly centre: string;
  readonly room: string;
  readonly party: string;
  readonly pkcs8: string;
  readonly statements: number;
  readonly inFlight: number;
}

export interface LoadReport {
  /** Seconds from the first byte sent to the last answer. */
  readonly seconds: number;
  /** Seconds of processor that the generator used meanwhile. */
  readonly processor: number;
  /** Milliseconds of each. */
  readonly latencies: readonly number[];
  /** Statuses other than 201, with a body each. */
  readonly refused: readonly string[];
  /** Bodies of the answers. */
  readonly receipts: readonly string[];
}

/** Signs everything first, then says so and waits to be told to begin. */
async function main(order: LoadOrder): Promise<void> {
  const { party, signer } = await partyFrom(order);
  const speaker = { centre: order.centre, party, signer };
  const requests: Buffer[] = [];
  for (let n = 0; n < order.statements; n++)
    requests.push(requestOf(order.url, bodyOf(await signShare(speaker, order.room, [warning(n)]))));
  process.send?.('ready');
  await new Promise((resolve) => process.once('message', resolve));
  const report = await send(order.url, requests, order.inFlight);
  await new Promise<void>((resolve) => process.send?.(report, () => resolve()));
  process.disconnect();
}

async function send(url: string, requests: readonly Buffer[], inFlight: number): Promise<LoadReport> {
  const latencies: number[] = [];
  const refused: string[] = [];
  const receipts: string[] = [];
  let next = 0;
  const lines = await Promise.all(Array.from({ length: inFlight }, () => Line.open(url)));
  const [begun, before] = [performance.now(), process.cpuUsage()];
  await Promise.all(
    lines.map(async (line) => {
      for (let i = next++; i < requests.length; i = next++) {
        const at = performance.now();
        const { status, body } = await line.ask(requests[i] as Buffer);
        latencies.push(performance.now() - at);
        if (status === 201) receipts.push(body);
        else refused.push(`${status} ${body}`);
      }
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(before);
  for (const line of lines) line.close();
  return { seconds, processor: (user + system) / 1e6, latencies, refused, receipts };
}

await main(JSON.parse(process.argv[2] ?? '') as LoadOrder);
