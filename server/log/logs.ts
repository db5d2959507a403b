/** The logs that a centre has kept, one after another, as its records tell: what each was called, and who signed it. */
import type { Trust } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { logNumber, logOrigin } from '@parley/core/log-names.ts';
import { parseVkey, type Vkey } from '@parley/core/note.ts';
import { isA, refOf } from '@parley/core/statement.ts';
import { type Succession, successionId } from '@parley/core/succession.ts';
import type { LogReader, StoredRecord } from './ports.ts';

export interface KeptLog {
  readonly origin: string;
  /** The Ed25519 one first, as they were named. */
  readonly keys: readonly Vkey[];
  /** Of the record that opened it: the log before ended there. */
  readonly from: number;
  readonly opening: StatementRef;
  /** Null: the first one. */
  readonly succession: Succession | null;
}

/**
 * The first one first; the last one goes on. Empty while there is no record. Nothing is believed of it that the
 * statements do not say: whoever signed them is checked with all others (`check/speakers.ts`).
 * @throws store.corrupt
 */
export async function logsIn(log: LogReader): Promise<readonly KeptLog[]> {
  const head = await log.head();
  const [first] = await log.range(0, 1);
  if (!head || !first) return [];
  const [origin = ''] = head.checkpoint.split('\n', 1);
  const opened = firstLog(first);
  const newest = logNumber(first.header.centre, origin);
  if (newest === null)
    throw new Refusal('store.corrupt', { at: 'head/checkpoint', detail: `signed as ${origin}` });
  const logs = [opened];
  // A number may be left out: where the record that opened a log was lost with it.
  for (let n = 2; n <= newest; n++) {
    const next = await openedAs(logOrigin(first.header.centre, n), opened.opening.party, log);
    if (next) logs.push(next);
  }
  if (logs.at(-1)?.origin !== origin)
    throw new Refusal('store.corrupt', { at: 'head/checkpoint', detail: `nothing has opened ${origin}` });
  return logs;
}

function firstLog({ header }: StoredRecord): KeptLog {
  if (!isA(header, 'centre.open/1'))
    throw new Refusal('store.corrupt', { at: 'records/0', detail: 'not the opening of a centre' });
  return {
    origin: logOrigin(header.centre, 1),
    keys: header.body.logs.map(parseVkey),
    from: 0,
    opening: refOf(header),
    succession: null,
  };
}

async function openedAs(origin: string, party: string, log: LogReader): Promise<KeptLog | null> {
  const opening = { party, id: successionId(origin) };
  const index = await log.find(opening);
  const [record] = index === null ? [] : await log.records([index]);
  if (!record) return null;
  const { header } = record;
  if (!isA(header, 'centre.succeed/1') || header.body.log !== origin)
    throw new Refusal('store.corrupt', {
      at: `records/${record.index}`,
      detail: `not the opening of ${origin}`,
    });
  return { origin, keys: header.body.keys.map(parseVkey), from: record.index, opening, succession: header };
}

export function trustOf({ origin, keys }: Pick<KeptLog, 'origin' | 'keys'>): Trust {
  return { origin, logs: keys, witnesses: [] };
}
