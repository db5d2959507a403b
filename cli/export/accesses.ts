/** The accesses of a party as one file, for its data protection officer. */
import { existsSync } from 'node:fs';
import { Refusal } from '@parley/core/errors.ts';
import { refOf } from '@parley/core/statement.ts';
import type { Access } from '@parley/sdk/shapes.ts';
import { usage } from '../arguments.ts';
import type { Desk } from '../desk.ts';
import { saveFile } from '../io.ts';
import { withProgress } from '../progress.ts';

const columns = [
  'at',
  'device',
  'device name',
  'person',
  'purpose',
  'justification',
  'route',
  'originator',
  'statement',
  'parts',
] as const;

/** Before anything is read. @throws command.usage, store.present */
export function checkAccessesFile(file: string): void {
  if (!/\.(?:csv|jsonl)$/.test(file)) throw usage('--accesses takes a file that ends in .csv or .jsonl');
  if (existsSync(file)) throw new Refusal('store.present', { at: file, detail: 'name a new file' });
}

/**
 * `.csv` (RFC 4180) has a row for each statement that an access gave; `.jsonl` is JSON lines: what the file is,
 * the accesses, and the party's leaves in the centre's hourly commitments, which prove that none was left out there.
 * @returns how many accesses
 */
export async function exportAccesses(desk: Desk, file: string): Promise<number> {
  const names = new Map((await desk.session.devices()).map(({ device, name }) => [device, name]));
  let found = 0;
  await withProgress(desk.context.io, 'Reading', async (report) => {
    const accesses = (async function* () {
      for await (const access of desk.session.accesses()) {
        report({ done: ++found, total: null });
        yield access;
      }
    })();
    await saveFile(file, file.endsWith('.csv') ? csvOf(accesses, names) : linesOf(desk, accesses));
  });
  return found;
}

async function* csvOf(
  accesses: AsyncIterable<Access>,
  names: ReadonlyMap<string, string>,
): AsyncGenerator<string> {
  yield row(columns);
  for await (const { at, device, person, purpose, justification, route, statements } of accesses) {
    const who = [
      at,
      device ?? '',
      names.get(device ?? '') ?? '',
      person ?? '',
      purpose,
      justification ?? '',
      route,
    ];
    // A step of purpose, and a page that was empty, gave nothing, and are accesses all the same.
    if (statements.length === 0) yield row([...who, '', '', '']);
    for (const { party, id, parts } of statements) yield row([...who, party, id, parts.join(' ')]);
  }
}

function row(values: readonly string[]): string {
  return `${values.map(field).join(',')}\r\n`;
}

/** Quoted always; what a spreadsheet would take for a formula is made a text. */
function field(value: string): string {
  const calm = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return `"${calm.replaceAll('"', '""')}"`;
}

async function* linesOf(desk: Desk, accesses: AsyncIterable<Access>): AsyncGenerator<string> {
  const { centre, origin, party } = desk.profile;
  yield line({ format: 'parley-accesses/1', centre, origin, party, at: new Date().toISOString() });
  for await (const access of accesses) yield line({ access });
  for await (const digest of desk.session.digests()) {
    const receipt = await desk.session.receipt(digest.statement);
    yield line({ digest, said: refOf(receipt.statement.header), body: receipt.statement.header.body });
  }
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
