/** A message from elsewhere: what it says, what is wrong with it, and whose it is. Its bytes are the caller's to keep. */
import { type Judged, judge } from './judge.ts';
import type { Profile } from './profile.ts';
import { readCap } from './read.ts';
import { type Pinned, type Verdict, verifyCap } from './verify.ts';

export interface Received extends Judged {
  readonly verdict: Verdict;
}

/**
 * Where a signature verifies, the message is read from the bytes that it is over: whatever else came is not shown.
 * @param now milliseconds since 1970
 * @throws xml.too-large, xml.doctype, xml.malformed, cap.version
 */
export function receiveCap(
  bytes: Uint8Array,
  pinned: readonly Pinned[],
  now: number,
  profiles: readonly Profile[] = [],
): Received {
  const judged = judge(bytes, profiles);
  const verdict = verifyCap(bytes, pinned, now);
  if (verdict.state !== 'verified' || !judged.alert) return { ...judged, verdict };
  return { ...judged, alert: readCap(verdict.signed), verdict };
}
