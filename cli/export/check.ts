/** Checking an export again, with nothing but the folder and the keys of the log. */
import { join } from 'node:path';
import { Refusal } from '@parley/core/errors.ts';
import { parseReceipt } from '@parley/core/receipt.ts';
import { linesOf } from '@parley/sdk/lines.ts';
import { type Io, open, readAll } from '../io.ts';
import { checkReceipt } from '../receipt.ts';
import { bytesOf, Proven } from './bundle.ts';
import { checkFiles } from './files.ts';
import { exportFormat } from './party.ts';

export interface Checked {
  readonly statements: number;
  readonly parts: number;
  /** When the first and the last of them came; null where there is none. */
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * @param logKeys null: those that the export names
 * Of receipts, files and bundles; the README says what it does not look at.
 * @throws file.unreadable, receipt.malformed, parts.root, and what `checkReceipt` throws, at the line
 */
export async function checkExport(
  io: Io,
  folder: string,
  logKeys: readonly string[] | null,
): Promise<Checked> {
  const manifest = await manifestIn(io, folder);
  const file = join(folder, 'statements.jsonl');
  const seen = new Set<string>();
  const proven = new Proven();
  let [parts, line] = [0, 0];
  let [from, to]: [string | null, string | null] = [null, null];
  for await (const bytes of linesOf(bytesOf(open(io, file)))) {
    line++;
    const { receipt, ...report } = await checkedLine(
      bytes,
      folder,
      logKeys ?? manifest.logs,
      `${file}:${line}`,
    );
    proven.take(receipt);
    seen.add(`${report.party}/${report.id}`);
    parts += report.parts.proven.length + report.files;
    if (from === null || report.came < from) from = report.came;
    if (to === null || report.came > to) to = report.came;
  }
  if (line !== manifest.statements)
    throw new Refusal('receipt.malformed', {
      at: file,
      detail: `the manifest counts ${manifest.statements} receipts, there are ${line}`,
    });
  await proven.check(io, folder);
  return { statements: seen.size, parts, from, to };
}

/** The party is the one that the statement names: its fingerprint is for people to compare. */
async function checkedLine(bytes: Uint8Array, folder: string, logKeys: readonly string[], at: string) {
  try {
    const receipt = parseReceipt(bytes);
    const { party } = receipt.statement.header;
    const report = await checkReceipt(receipt, { party, logKeys, policy: null, held: new Map() });
    return { ...report, receipt, files: await checkFiles(receipt, folder) };
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    const { code, detail, params } = cause;
    throw new Refusal(code, { at, params, cause, ...(detail === undefined ? {} : { detail }) });
  }
}

async function manifestIn(io: Io, folder: string): Promise<{ logs: readonly string[]; statements: number }> {
  const at = join(folder, 'manifest.json');
  const bytes = await readAll(io, at);
  try {
    const { format, logs, statements } = JSON.parse(Buffer.from(bytes).toString());
    const whole = format === exportFormat && Array.isArray(logs) && Number.isSafeInteger(statements);
    if (whole) return { logs, statements };
  } catch {
    // Not JSON: the same as not ours.
  }
  throw new Refusal('file.unreadable', { at, detail: `not the manifest of a ${exportFormat}` });
}
