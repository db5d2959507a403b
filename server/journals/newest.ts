/** Journals that anybody can fill by being refused are bounded: of each party or device, the newest rows are kept. */
import type { JournalDb } from './ports.ts';

const whose = { attempts: 'concerned', connector_refusals: 'device' } as const;

/** Whole hours go, the oldest first. */
export async function keepNewest(
  db: JournalDb,
  journal: keyof typeof whose,
  of: string,
  kept: number,
): Promise<void> {
  const owner = db.dynamic.ref<(typeof whose)[typeof journal]>(whose[journal]);
  const beyond = await db
    .selectFrom(journal)
    .select('hour')
    .where(owner, '=', of)
    .orderBy('hour', 'desc')
    .offset(kept)
    .limit(1)
    .executeTakeFirst();
  if (beyond) await db.deleteFrom(journal).where(owner, '=', of).where('hour', '<=', beyond.hour).execute();
}
