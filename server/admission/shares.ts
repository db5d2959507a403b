/** Sharing: what the terms allow, what was said before, and what belongs to somebody else. */
import { equal } from '@parley/core/bytes.ts';
import { isAbove } from '@parley/core/classification.ts';
import { onwardRules } from '@parley/core/codes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type Instant, instantOf } from '@parley/core/fields.ts';
import { classificationOf, type Handling, papLabels, papOf, tlpLabels } from '@parley/core/handling.ts';
import { placeOf, recordIndexOf } from '@parley/core/parts.ts';
import { handlingOf } from '@parley/core/statement.ts';
import { checkAccredited } from './accreditation.ts';
import type { RoomState, StandingState } from './readers.ts';
import { memberOf, type RuleOf, type Saying } from './said.ts';
import { checkUnused } from './uploads.ts';

/** Classes of handling that a party can make in a room: each costs an arm in every page of it. */
export const maxStreams = 250;
const day = 86_400_000_000;

export const share: RuleOf<'share/1'> = async (saying) => {
  const { room, standing } = await memberOf(saying);
  await checkAccredited(saying.header.body.handling, '/body/handling/classification', saying.readers);
  checkTerms(saying, standing);
  await checkRecipients(saying, room, standing);
  await checkClasses(saying, room, standing);
  await checkUnused(saying);
  const known = await saying.readers.objects([...new Set(saying.objects.map(({ id }) => id))]);
  if (known.length === 0) return;
  await checkVersions(saying, room, known);
  await checkOnward(saying, room, known);
};

/** The terms that bind are those that the speaker's party accepted, not those now offered. */
function checkTerms({ header, instant }: Saying<'share/1'>, { accepted }: StandingState): void {
  const { purposes, until } = header.body.handling;
  const terms = accepted?.terms;
  const i = purposes.findIndex((id) => !terms?.purposes.includes(id));
  if (i >= 0)
    throw new Refusal('handling.purpose', {
      at: `/body/handling/purposes/${i}`,
      detail: `the terms allow ${terms?.purposes.join(', ') ?? 'none'}`,
    });
  if (until !== null && instantOf(until) <= instant)
    throw new Refusal('handling.contradiction', {
      at: '/body/handling/until',
      detail: 'the end has come already',
    });
  const days = terms?.retention ?? null;
  if (days === null) return;
  if (until === null || instantOf(until) > instantOf(header.at) + days * day)
    throw new Refusal('handling.contradiction', {
      at: '/body/handling/until',
      detail: `the terms keep nothing longer than ${days} days: name an end within them`,
      params: { days },
    });
}

/**
 * A recipient that is no member would get nothing. It is said to who may see the roster; to others naming a party
 * must not tell whether it is in.
 */
async function checkRecipients(
  { header, readers }: Saying<'share/1'>,
  room: RoomState,
  standing: StandingState,
): Promise<void> {
  const { to } = header.body.handling;
  const owner = room.owner === header.party;
  if (typeof to === 'string' || !(owner || standing.accepted?.terms.roster)) return;
  for (const [i, party] of to.parties.entries()) {
    const other = await readers.standing(room.no, party);
    const seen =
      owner ||
      party === room.owner ||
      party === header.party ||
      other?.role === 'observer' ||
      other?.accepted?.terms.roster === true;
    if (other?.state !== 'member' || other.role === 'supervisor' || !seen)
      throw new Refusal('handling.recipient', { at: `/body/handling/to/parties/${i}` });
  }
}

export type Known = Awaited<ReturnType<Saying['readers']['objects']>>;

/** One's own: the same version is said once in a room. `params.known` lists those already there with the same bytes. */
async function checkVersions(
  { objects, parts, party, readers }: Saying<'share/1'>,
  room: RoomState,
  known: Known,
): Promise<void> {
  const own = known.filter((row) => row.party === party?.no && row.room === room.no);
  if (own.length === 0) return;
  const places = new Map(own.map((row) => [`${row.id} ${row.version}`, row.part]));
  const same: number[] = [];
  for (const [n, object] of objects.entries()) {
    const part = places.get(`${object.id} ${object.version}`);
    if (part === undefined) continue;
    const before = (await readers.log.parts([part])).get(part)?.bytes;
    const now = parts[n]?.bytes;
    if (!before || !now || !equal(before, now))
      throw new Refusal('stix.version-known', { at: `/parts/${n}` });
    same.push(n);
  }
  if (same.length > 0)
    throw new Refusal('stix.version-known', {
      at: `/parts/${same[0]}`,
      detail: 'it was said before with the same bytes: leave it out',
      params: { known: same.join(',') },
    });
}

/** A room is not closed to others, nor to what was said like this before, by who has made too many. */
async function checkClasses(
  { header, party, readers }: Saying<'share/1'>,
  room: RoomState,
  { accepted }: StandingState,
): Promise<void> {
  if ((await readers.streamsBy(room.no, party?.no ?? 0)) < maxStreams || !accepted) return;
  if (!(await readers.hasStream(room.no, header.body.handling, accepted.terms)))
    throw new Refusal('room.streams', { params: { limit: maxStreams } });
}

/** Another's, as far as the speaker's party may see it: passed on only as its originator allowed. */
async function checkOnward(saying: Saying<'share/1'>, room: RoomState, known: Known): Promise<void> {
  const { header, objects } = saying;
  const observers = await observing(saying, room);
  const row = await foreignIn(
    saying,
    known,
    async (index, _, sameRoom) => {
      const [record] = await saying.readers.log.records([index]);
      const original = record && handlingOf(record.header);
      return !original || mayPassOn(original, header.body.handling, sameRoom, header.party, observers);
    },
    room,
  );
  if (row)
    throw new Refusal('handling.onward', {
      at: `/parts/${objects.findIndex(({ id }) => id === row.id)}`,
      detail:
        'another party shared this object; ask it to pass it on, or say it under a handling no wider than its own',
    });
}

/** Those named that observe: every member is shown who observes, so that asking here tells it nothing. */
async function observing({ header, readers }: Saying<'share/1'>, room: RoomState): Promise<Set<string>> {
  const { to } = header.body.handling;
  const named = typeof to === 'object' ? to.parties : [];
  const standings = await Promise.all(named.map((party) => readers.standing(room.no, party)));
  return new Set(
    standings.flatMap((each) => (each?.role === 'observer' && each.state === 'member' ? [each.party] : [])),
  );
}

/**
 * The first object that another party shared, that the speaker's party could see before it said it by itself, and
 * that may not go where the speaker wants it.
 */
export async function foreignIn(
  { header, party, instant, readers }: Saying,
  known: Known,
  allowed: (index: number, n: number, sameRoom: boolean) => Promise<boolean>,
  room: RoomState,
): Promise<Known[number] | null> {
  const said = await firstSaid(party, readers, known);
  const reached = new Map<number, ReadonlyMap<number, Instant>>();
  // What stands in other rooms is public or out of reach: who says a known id there must not cost others their time.
  const seen =
    party && known.some((one) => one.party !== party.no) ? await readers.roomsSeen(party) : new Set();
  for (const row of known.filter((one) => one.party !== party?.no && seen.has(one.room))) {
    const { index, n } = placeOf(row.part);
    if (await allowed(index, n, row.room === room.no)) continue;
    const parts = reached.get(index) ?? (await readers.reached(header.party, index, instant));
    reached.set(index, parts);
    const since = parts.get(n);
    if (since !== undefined && since < (said.get(row.id) ?? Number.POSITIVE_INFINITY)) return row;
  }
  return null;
}

/**
 * When the party first said each object by itself. A copy that it said after it could see another's, under a handling
 * as narrow, must not open the way to a wider one.
 */
async function firstSaid(
  party: Saying['party'],
  readers: Saying['readers'],
  known: Known,
): Promise<ReadonlyMap<string, Instant>> {
  const parts = new Map<string, number>();
  for (const { party: by, id, part } of known)
    if (by === party?.no) parts.set(id, Math.min(part, parts.get(id) ?? part));
  const indexes = [...new Set([...parts.values()].map(recordIndexOf))];
  const instants = new Map(
    (await readers.log.records(indexes)).map(({ index, instant }) => [index, instant]),
  );
  return new Map([...parts].map(([id, part]) => [id, instants.get(recordIndexOf(part)) ?? 0]));
}

/**
 * Whether the new handling stays within the old one.
 * @param observing those who observe the room: they are reached where members are not
 */
function mayPassOn(
  old: Handling,
  next: Handling,
  sameRoom: boolean,
  speaker: string,
  observing: ReadonlySet<string>,
): boolean {
  if (old.to === 'public') return true;
  if (!next.purposes.every((id) => old.purposes.includes(id)) || !staysPersonal(old, next)) return false;
  if (!sameRoom || next.to === 'public' || isWider(old, next)) return false;
  if (old.to === 'observers') return true;
  const reached = new Set([...(typeof old.to === 'object' ? old.to.parties : []), speaker]);
  // Members may see it, or may be passed it on: those who observe may not, unless the original names them.
  if (old.to === 'room' || old.onward === 'room')
    return (
      next.to === 'room' ||
      (typeof next.to === 'object' &&
        next.to.parties.every((party) => reached.has(party) || !observing.has(party)))
    );
  return typeof next.to === 'object' && next.to.parties.every((party) => reached.has(party));
}

/** Of whom it holds data, and of what nature, stays said: a witness must not become nobody on the way. */
function staysPersonal(old: Handling, next: Handling): boolean {
  const kept = next.personal || [];
  return (old.personal || []).every(({ category, nature }) =>
    kept.some((each) => each.category === category && each.nature === nature),
  );
}

/** A wider label, a lower classification, freer use, a freer rule for passing on, or a later end. */
function isWider(old: Handling, next: Handling): boolean {
  return (
    tlpLabels.indexOf(next.tlp) < tlpLabels.indexOf(old.tlp) ||
    isAbove(classificationOf(old), classificationOf(next)) ||
    papLabels.indexOf(papOf(next)) < papLabels.indexOf(papOf(old)) ||
    onwardRules.indexOf(next.onward) > onwardRules.indexOf(old.onward) ||
    (old.until !== null && (next.until === null || next.until > old.until))
  );
}
