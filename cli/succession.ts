/** What a person is told when the centre goes on with another log, and what this device holds of what is missing. */
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import type { KindName } from '@parley/core/kinds.ts';
import { parseReceipt, type Receipt } from '@parley/core/receipt.ts';
import { refOf } from '@parley/core/statement.ts';
import type { Remembered } from '@parley/sdk/centre.ts';
import type { OnSuccession, SuccessionNews } from '@parley/sdk/succession.ts';
import { count, shortRef, time } from './format.ts';
import type { Home } from './home.ts';
import { type Io, write } from './io.ts';
import { typedAt } from './typed.ts';

export interface LostStatement {
  /** The log that it was said under, and where it stood there. */
  readonly origin: string;
  readonly index: number;
  readonly ref: StatementRef;
  readonly kind: KindName;
  readonly receipt: Receipt;
}

/** The logs that this device has known, the first one first; `from` is where the next goes on. */
export function logsKnown(home: Home, origin: string): { origin: string; from: number | null }[] {
  const logs: { origin: string; from: number | null }[] = [];
  for (let next: string | undefined = origin; next !== undefined; ) {
    const { succeeded }: Partial<Remembered> = (home.seen(next) ?? {}) as Partial<Remembered>;
    logs.push({ origin: next, from: succeeded?.from ?? null });
    next = succeeded?.log;
  }
  return logs;
}

/** What this device has receipts for and did not survive, in the order of the log, unless it was said again since. */
export function lostHere(home: Home, first: string): LostStatement[] {
  const logs = logsKnown(home, first);
  const [lost, there]: [LostStatement[], Set<string>] = [[], new Set()];
  for (const { origin, from } of logs)
    for (const { bytes } of home.receipts(origin)) {
      const receipt = parseReceipt(bytes);
      const { header } = receipt.statement;
      const { index } = receipt.record;
      const ref = refOf(header);
      // Of a log that ended twice under it, the last word counts.
      if (from === null || index < from) there.add(ref.id);
      else lost.push({ origin, index, ref, kind: header.kind, receipt });
    }
  const last = new Map(lost.map((each) => [each.ref.id, each]));
  return [...last.values()].filter(({ ref }) => !there.has(ref.id));
}

/** Tells on the standard error, once. @throws succession.denied where the centre says less than this device knows */
export function tellSuccession(io: Io, home: Home, { accept = false } = {}): OnSuccession {
  return async (news) => {
    const held = heldOf(home, news);
    if (news.verdict === 'denied' && !accept) throw denied(news, held.length);
    await write(io.stderr, `${newsText(news)}${heldText(held, typedAt(io.env, home.dir)('resubmit'))}`);
  };
}

function heldOf(home: Home, { before, from }: SuccessionNews): LostStatement[] {
  return [...home.receipts(before)].flatMap(({ bytes }) => {
    const receipt = parseReceipt(bytes);
    const { header } = receipt.statement;
    const { index } = receipt.record;
    return index < from ? [] : [{ origin: before, index, ref: refOf(header), kind: header.kind, receipt }];
  });
}

function denied(news: SuccessionNews, held: number): Refusal {
  const { log, before, seen, from, missing } = news;
  const says =
    missing === null ? 'nothing is missing' : `only ${(missing.to ?? 0) - missing.from} are missing`;
  return new Refusal('succession.denied', {
    detail: `${log} keeps ${from} records of ${before} and says that ${says}; this device has seen ${seen}, and said ${held} of those that are gone. Ask whoever runs the centre; "parley log --accept" goes on with it`,
    params: { seen, kept: from },
  });
}

function newsText({ log, before, why, seen, from, missing, verdict }: SuccessionNews): string {
  const cause = why === 'rotation' ? 'its keys were changed' : `records were lost${lostText(missing)}`;
  const gone = seen - from;
  const here =
    verdict === 'continued'
      ? 'All that this device has seen is still there.'
      : `${count(gone, 'record')} that this device has seen ${gone === 1 ? 'is' : 'are'} gone${verdict === 'denied' ? ', more than the centre says' : ''}.`;
  return `The centre goes on with ${log} after ${before}: ${cause}. ${here}\nIts new keys, signed by the centre’s party, are remembered now.\n`;
}

function lostText(missing: SuccessionNews['missing']): string {
  if (missing === null) return '';
  return missing.to === null
    ? `, from ${missing.from} on, nobody knows how many`
    : `, ${missing.from} to ${missing.to - 1}`;
}

const shown = 20;

function heldText(held: readonly LostStatement[], again: string): string {
  if (held.length === 0) return '';
  const lines = held
    .slice(0, shown)
    .map(
      ({ index, ref, kind, receipt }) =>
        `  ${shortRef(ref)}  ${kind}, record ${index}, ${time(receipt.record.instant)}`,
    );
  const more = held.length > shown ? [`  and ${held.length - shown} more`] : [];
  return `Of those this device has said ${held.length}; "${again}" says them again:\n${[...lines, ...more].join('\n')}\n`;
}
