/**
 * May this viewer see this, now? Pure, refuses by default, and says by which rule. The rules stand in the order of
 * `spec/release.md`; a row of `vectors/release/decide.json` is a row of a lawyer's list.
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
  /** Of the device, within what its party may see; null or left out: none. */
  readonly limits?: Limits | null;
}

export interface Limits {
  /** The ids of its only rooms, or null: all. */
  readonly rooms: readonly string[] | null;
  /** Whether it sees personal data. */
  readonly personal: boolean;
}

/** What was said. */
export interface Said {
  /** Null or left out: in none. */
  readonly room?: string | null;
  /** For anybody, whatever the room. */
  readonly public?: boolean;
  readonly author: string;
  /** Instant of the record. */
  readonly instant: Instant;
  /** Where the part, or the header, became visible to those it was addressed to. */
  readonly position: Instant;
  /** Taken back, or ended and said so: the part; for a header, all its parts. */
  readonly taken: boolean;
  /** Null: governance, whose audience follows from its kind. */
  readonly handling: Handling | null;
  /** Governance about personal data: what names such a statement, or answers what does. Left out: no. */
  readonly onPersons?: boolean;
  /** Governance about something that the viewer may not see. */
  readonly hidden?: boolean;
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
  /** The owner of the room has suspended the party, which has not been restored nor come in again since; left out: no. */
  readonly suspended?: boolean;
  /** Purposes of the terms that the party accepts now. */
  readonly accepted: readonly string[];
  readonly grants: readonly { readonly position: Instant; readonly purposes: readonly string[] }[];
  /**
   * Taken back from the party while others keep it, or from one that broke an undertaking towards its author: no way by
   * the room is left. Grants are those said since; while an undertaking is suspended, none. Left out: no.
   */
  readonly withheld?: boolean;
  /** By which the party, who supervises the room, has opened it to itself for a complaint. */
  readonly openings?: readonly { readonly position: Instant; readonly until: Instant }[];
}

export type Rule =
  | 'viewer-ended'
  | 'device'
  | 'taken-back'
  | 'withheld'
  | 'author'
  | 'addressed'
  | 'not-addressed'
  | 'target-hidden'
  | 'ended'
  | 'purpose'
  | 'justification'
  | 'public'
  | 'member'
  | 'observer'
  | 'grant'
  | 'supervision'
  | 'suspended';

/** What SQL does not know of when it offers a row: time, what is told of one row by another, what is kept from one party. */
export const unknownToSql: ReadonlySet<Rule | undefined> = new Set<Rule>([
  'device',
  'ended',
  'withheld',
  'target-hidden',
]);

export interface Decision {
  /** `header`: of what was taken back, only the header is left. */
  readonly verdict: 'permit' | 'header' | 'locked' | 'absent';
  readonly rule: Rule;
  /** Where it stands for this viewer, when it may see it. */
  readonly position: Instant;
}

/** A way by which something reaches the viewer. */
interface Way {
  readonly rule: 'public' | 'member' | 'observer' | 'grant' | 'supervision';
  readonly position: Instant;
  /** Null: any. */
  readonly purposes: readonly string[] | null;
}

export function decide(viewer: Looker, said: Said, stand: Stand, now: Instant): Decision {
  const answer = (verdict: Decision['verdict'], rule: Rule, position = said.position): Decision => ({
    verdict,
    rule,
    position,
  });
  const author = viewer.party !== null && viewer.party === said.author;
  if (!viewer.live) return answer('absent', 'viewer-ended');
  if (viewer.limits && isBeyond(viewer.limits, said)) return answer('absent', 'device');
  if (said.taken) return answer(author || stand.noticed ? 'header' : 'absent', 'taken-back');
  if (author) return answer('permit', 'author');
  if (said.handling === null) {
    if (!stand.addressed) return answer('absent', 'not-addressed');
    return said.hidden ? answer('absent', 'target-hidden') : answer('permit', 'addressed');
  }

  const withheld = stand.withheld === true && said.handling.to !== 'public';
  const { openings = [] } = stand;
  const suspended = stand.suspended === true && said.handling.to !== 'public';
  const ways = suspended ? [] : waysTo(viewer, said, said.handling, { ...stand, withheld }, now);
  if (ways.length === 0 && withheld) return answer(stand.noticed ? 'header' : 'absent', 'withheld');
  if (suspended) return answer('absent', 'suspended');
  if (ways.length === 0) return answer('absent', openings.length > 0 ? 'ended' : 'not-addressed');
  if (said.handling.until !== null && Date.parse(said.handling.until) * 1000 <= now)
    return answer('absent', 'ended');
  const open = ways.filter(
    ({ purposes }) => purposes === null || (viewer.purpose !== null && purposes.includes(viewer.purpose)),
  );
  // SQL may have offered it where it is withheld, by the room or where that was told; or by an opening that has ended.
  const ended = openings.length > 0 && openings.every(({ until }) => until <= now);
  if (open.length === 0) return answer('locked', withheld ? 'withheld' : ended ? 'ended' : 'purpose');
  if (said.handling.personal && !viewer.justified)
    return answer('locked', withheld ? 'withheld' : 'justification');
  const first = open.reduce((a, b) => (b.position < a.position ? b : a));
  return answer('permit', first.rule, first.position);
}

/** Its own party's, too: what a device may not see is not there for it. */
function isBeyond({ rooms, personal }: Limits, said: Said): boolean {
  if (!personal && (said.onPersons || said.handling?.personal)) return true;
  return rooms !== null && said.public !== true && !rooms.includes(said.room ?? '');
}

function waysTo(viewer: Looker, said: Said, handling: Handling, stand: Stand, now: Instant): Way[] {
  const { position, purposes } = said;
  const ways: Way[] = stand.grants.map((grant) => ({ rule: 'grant', ...grant }));
  // The complaint is what it is opened for: no purpose of the record is.
  for (const opening of stand.openings ?? [])
    if (now < opening.until) ways.push({ rule: 'supervision', position: opening.position, purposes: null });
  const role = stand.withheld ? null : roleTowards(viewer, said, handling, stand);
  if (handling.to === 'public') ways.push({ rule: 'public', position, purposes });
  else if (role !== null)
    ways.push({ rule: role, position, purposes: purposes.filter((id) => stand.accepted.includes(id)) });
  return ways;
}

/**
 * As what it is addressed, null if not: in the room still, and either then too or under terms that show the past; and
 * named, where parties are named.
 */
function roleTowards(viewer: Looker, said: Said, { to }: Handling, { stays }: Stand): Stay['role'] | null {
  const now = stays.find((stay) => stay.to === null)?.role;
  if (now === undefined || (to === 'room' && now !== 'member')) return null;
  if (typeof to === 'object' && (viewer.party === null || !to.parties.includes(viewer.party))) return null;
  // An observer is reached by its name only if it observed then: whoever named it knew whom it named.
  const past = said.past && (now === 'member' || to === 'observers');
  const then = stays.some(
    (stay) =>
      stay.from <= said.instant &&
      (stay.to === null || said.instant < stay.to) &&
      (to === 'observers' || stay.role === now || (typeof to === 'object' && now === 'member')),
  );
  return past || then ? now : null;
}
