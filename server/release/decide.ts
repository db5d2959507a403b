/**
 * May this viewer see this, now? Pure, refuses by default, and says by which rule. The rules stand in the order of
 * `spec/release.md`; a row of the table in `decide.test.ts` is a row of a lawyer's list.
 */
import type { Instant } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import type { Stay } from './sources.ts';

export interface Looker {
  /** The device is enrolled, not revoked, not ended; the public always is. */
  readonly live: boolean;
  /** Null: the public. */
  readonly party: string | null;
  readonly purpose: string | null;
  readonly justified: boolean;
}

/** What was said. */
export interface Said {
  readonly author: string;
  /** Instant of the record. */
  readonly instant: Instant;
  /** Where the part, or the header, became visible to those it was addressed to. */
  readonly position: Instant;
  /** Taken back, or ended and said so: the part; for a header, all its parts. */
  readonly taken: boolean;
  /** Null: governance, whose audience follows from its kind. */
  readonly handling: Handling | null;
  /** Purposes of the handling that the originator's terms allowed when it spoke. */
  readonly purposes: readonly string[];
  /** Whether those terms show the past to members who come later. */
  readonly past: boolean;
}

/** Where the viewer's party stands towards it. */
export interface Stand {
  /** Governance: among those it concerns. */
  readonly addressed: boolean;
  /** The centre has told the party that it had this and that it was taken back. */
  readonly noticed: boolean;
  readonly stays: readonly Stay[];
  /** Purposes of the terms that the party accepts now. */
  readonly accepted: readonly string[];
  readonly grants: readonly { readonly position: Instant; readonly purposes: readonly string[] }[];
}

export type Rule =
  | 'viewer-ended'
  | 'taken-back'
  | 'author'
  | 'addressed'
  | 'not-addressed'
  | 'ended'
  | 'purpose'
  | 'justification'
  | 'public'
  | 'member'
  | 'grant';

export interface Decision {
  /** `header`: of what was taken back, only the header is left. */
  readonly verdict: 'permit' | 'header' | 'locked' | 'absent';
  readonly rule: Rule;
  /** Where it stands for this viewer, when it may see it. */
  readonly position: Instant;
}

/** A way by which something reaches the viewer. */
interface Way {
  readonly rule: 'public' | 'member' | 'grant';
  readonly position: Instant;
  readonly purposes: readonly string[];
}

export function decide(viewer: Looker, said: Said, stand: Stand, now: Instant): Decision {
  const answer = (verdict: Decision['verdict'], rule: Rule, position = said.position): Decision => ({
    verdict,
    rule,
    position,
  });
  const author = viewer.party !== null && viewer.party === said.author;
  if (!viewer.live) return answer('absent', 'viewer-ended');
  if (said.taken) return answer(author || stand.noticed ? 'header' : 'absent', 'taken-back');
  if (author) return answer('permit', 'author');
  if (said.handling === null)
    return stand.addressed ? answer('permit', 'addressed') : answer('absent', 'not-addressed');

  const ways = waysTo(viewer, said, said.handling, stand);
  if (ways.length === 0) return answer('absent', 'not-addressed');
  if (said.handling.until !== null && Date.parse(said.handling.until) * 1000 <= now)
    return answer('absent', 'ended');
  const open = ways.filter((way) => viewer.purpose !== null && way.purposes.includes(viewer.purpose));
  if (open.length === 0) return answer('locked', 'purpose');
  if (said.handling.personal && !viewer.justified) return answer('locked', 'justification');
  const first = open.reduce((a, b) => (b.position < a.position ? b : a));
  return answer('permit', first.rule, first.position);
}

function waysTo(viewer: Looker, said: Said, handling: Handling, stand: Stand): Way[] {
  const { position, purposes } = said;
  const ways: Way[] = stand.grants.map((grant) => ({ rule: 'grant', ...grant }));
  if (handling.to === 'public') ways.push({ rule: 'public', position, purposes });
  else if (isMember(viewer, said, handling, stand))
    ways.push({ rule: 'member', position, purposes: purposes.filter((id) => stand.accepted.includes(id)) });
  return ways;
}

/** A member still, and either then too or under terms that show the past; and named, where parties are named. */
function isMember(viewer: Looker, said: Said, handling: Handling, stand: Stand): boolean {
  const still = stand.stays.some((stay) => stay.to === null);
  const then =
    said.past ||
    stand.stays.some((stay) => stay.from <= said.instant && (stay.to === null || said.instant < stay.to));
  const named =
    typeof handling.to === 'string' || (viewer.party !== null && handling.to.parties.includes(viewer.party));
  return still && then && named;
}
