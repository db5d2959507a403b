/**
 * Which intervals of the access journal are closed. A digest commits to an interval once; what comes to be recorded
 * later counts in the next one.
 */
import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import type { JournalDb } from './ports.ts';

/** The end of the last closed interval; 0 where there is none. */
export async function lastEnd(db: JournalDb): Promise<Instant> {
  const row = await db
    .selectFrom('digests')
    .select('until')
    .orderBy('since', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.until ?? 0;
}

/** Closes the interval, or finds it closed. @throws fault where it overlaps another */
export async function closeInterval(db: JournalDb, from: Instant, to: Instant): Promise<void> {
  const known = await db.selectFrom('digests').select('until').where('since', '=', from).executeTakeFirst();
  if (known?.until === to) return;
  if (known || to <= from || from < (await lastEnd(db)))
    throw new Refusal('fault', { detail: 'the interval of an access digest overlaps another' });
  await db.insertInto('digests').values({ since: from, until: to, leaves: null, root: null }).execute();
}
