/** Signed statements accepted over HTTP, one to a request, with durable receipts. The limit is what one core verifies. */
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { utf8 } from '@parley/core/bytes.ts';
import { parseVkey } from '@parley/core/note.ts';
import { parseReceipt, verifyReceipt } from '@parley/core/receipt.ts';
import { signedBytes } from '@parley/core/statement.ts';
import { child } from '../children.ts';
import type { LoadOrder, LoadReport } from '../load.ts';
import { byRatio, processorTime, quantile, type Row, shown } from '../report.ts';
import type { Options } from '../sizes.ts';
import { signShare, warning } from '../speech.ts';
import { forget, gather, makeStage, type Party, start, temporary, visit } from '../stage.ts';

export async function accept({ size }: Options): Promise<Row[]> {
  const { statements, inFlight } = size.accept;
  const root = temporary('accept');
  try {
    const stage = await makeStage(root);
    const running = await start(stage.config);
    try {
      const { room, parties } = await gather(running.url, stage.host, 1);
      const [speaker] = parties;
      if (!speaker) throw new Error('nobody joined');
      const rows: Row[] = [];
      for (const many of inFlight) {
        const limit = await verifiedPerSecond(stage.centre, room, speaker);
        const about = { url: running.url, centre: stage.centre, room, inFlight: many };
        const order = { ...about, party: speaker.party, pkcs8: speaker.pkcs8 };
        // What runs for the first time is compiled first: a centre runs for months.
        await load({ ...order, statements: Math.ceil(statements / 4) });
        const before = processorTime(running.pid);
        const report = await load({ ...order, statements });
        const used = processorTime(running.pid) - before;
        await check(report, running.url, speaker.party, statements);
        rows.push(rowOf(report, limit, used, many));
      }
      return rows;
    } finally {
      await running.stop();
    }
  } finally {
    forget(root);
  }
}

function rowOf(report: LoadReport, limit: number, used: number, inFlight: number): Row {
  const { seconds, processor, latencies, receipts } = report;
  const cores = (n: number) => `${shown(n / seconds)} cores`;
  const times = [0.5, 0.99].map((q) => `${shown(quantile(latencies, q))} ms`);
  const note = `${receipts.length} one-object shares, ${inFlight} in flight; generator ${cores(processor)}, centre ${cores(used)}; median ${times[0]}, p99 ${times[1]}; reference: signature checks one core does a second`;
  const about = { name: `accept-${inFlight}`, unit: 'statements/s', note };
  return byRatio(about, receipts.length / seconds, limit, { least: 0.4 });
}

/** Of messages such as those that are sent, on one core and with nothing else. */
async function verifiedPerSecond(centre: string, room: string, { party, signer }: Party): Promise<number> {
  const { envelope } = await signShare({ centre, party, signer }, room, [warning(1)]);
  const message = signedBytes(Buffer.from(envelope.payload, 'base64'));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const signature = sign(null, message, privateKey);
  const rates: number[] = [];
  for (let round = 0; round < 3; round++) {
    const begun = performance.now();
    let done = 0;
    for (; performance.now() - begun < 700; done++)
      if (!verify(null, message, publicKey, signature)) throw new Error('a good signature was refused');
    rates.push((done / (performance.now() - begun)) * 1000);
  }
  return Math.max(...rates);
}

async function load(order: LoadOrder): Promise<LoadReport> {
  return (await child<LoadReport>('load.ts', order)).begin();
}

/** Every statement has a record of its own, and receipts are what they say. */
async function check(report: LoadReport, url: string, party: string, expected: number): Promise<void> {
  const { receipts, refused } = report;
  if (refused.length > 0) throw new Error(`${refused.length} were refused, such as ${refused[0]}`);
  const indexes = new Set<number>();
  const centre = await visit(url);
  const { origin, logs } = centre.info;
  const trust = { origin, logs: logs.map(parseVkey), witnesses: [] };
  for (const [n, text] of receipts.entries()) {
    const value = JSON.parse(text) as { record: { index: number } };
    indexes.add(value.record.index);
    if (n % 37 === 0) await verifyReceipt(parseReceipt(utf8(text)), trust, party);
  }
  if (indexes.size !== expected) throw new Error(`${indexes.size} records for ${expected} statements`);
}
