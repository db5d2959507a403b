/** Every hour, also when nothing was read, the centre commits to who read what. */
import { base64 } from '@parley/core/bytes.ts';
import { type Instant, millisecondsOf } from '@parley/core/fields.ts';
import type { Hash } from '@parley/core/merkle.ts';
import type { Voice } from './voice.ts';

export const hour = 3_600_000_000;

export interface DigestSources {
  /** Where the next digest begins, or null: none was built yet. */
  next(): Promise<Instant | null>;
  /** Builds it, or gives again what was built. */
  build(
    from: Instant,
    to: Instant,
  ): Promise<{ readonly from: Instant; readonly to: Instant; readonly leaves: number; readonly root: Hash }>;
  said(from: Instant): Promise<boolean>;
  /** When the centre was opened, or null: it is about to be. */
  opened(): Promise<Instant | null>;
}

/** @param every the length of an interval; an hour */
export async function sayDigests(
  sources: DigestSources,
  voice: Voice,
  now: Instant,
  every: number = hour,
): Promise<void> {
  const opened = await sources.opened();
  if (opened === null) return;
  const next = await sources.next();
  const first = next ?? floor(opened, every);
  // The last one built may not have been said: the process may have ended in between.
  const from = next === null ? first : Math.max(first - every, floor(opened, every));
  for (let start = from; start + every <= now; start += every) {
    if (start < first && (await sources.said(start))) continue;
    const { from: begin, to, leaves, root } = await sources.build(start, start + every);
    const body = { from: millisecondsOf(begin), to: millisecondsOf(to), leaves, root: base64(root) };
    await voice.say('access.digest/1', causeOf(start), { body });
  }
}

export function causeOf(from: Instant): string {
  return millisecondsOf(from);
}

function floor(instant: Instant, every: number): Instant {
  return Math.floor(instant / every) * every;
}
