/** Retention: when the `until` of a share has come, the centre says so, and the share is erased as a recall would. */
import type { Instant } from '@parley/core/fields.ts';
import { type AnyHeader, handlingOf, refOf } from '@parley/core/statement.ts';
import { named, type Voice } from './voice.ts';

export interface EndingSources {
  /** Shares whose end has come and that are still there, the oldest first. */
  due(now: Instant, limit: number): Promise<readonly { readonly index: number }[]>;
  /** Holds that stand although the end that they name has come, the earliest first. */
  holdsOver(
    now: Instant,
    limit: number,
  ): Promise<readonly { readonly index: number; readonly room: string; readonly until: Instant | null }[]>;
  records(
    indexes: readonly number[],
  ): Promise<readonly { readonly index: number; readonly header: AnyHeader }[]>;
}

const atOnce = 64;

export async function endDue(sources: EndingSources, voice: Voice, now: Instant): Promise<void> {
  const due = await sources.due(now, atOnce);
  for (const { header } of await sources.records(due.map(({ index }) => index))) {
    const until = handlingOf(header)?.until;
    if (until == null || header.room === undefined) continue;
    const target = refOf(header);
    await voice.say('expiry/1', `${named(target)}\n${until}`, {
      room: header.room,
      body: { target, due: until },
    });
  }
}

/** What was taken back while a hold stood is erased when the hold has ended, so its end must be said, too. */
export async function endHolds(sources: EndingSources, voice: Voice, now: Instant): Promise<void> {
  const over = await sources.holdsOver(now, atOnce);
  const records = await sources.records(over.map(({ index }) => index));
  for (const { index, header } of records) {
    const row = over.find((one) => one.index === index);
    if (!row) continue;
    const hold = refOf(header);
    await voice.say('hold.end/1', `${named(hold)}\n${row.until}`, { room: row.room, body: { hold } });
  }
}
