/** From rows to decisions: gathers, in few reads, what `decide` needs to know about a set of statements. */
import { isPublicKind, type KindName } from '@parley/core/kinds.ts';
import { partNumber } from '@parley/core/parts.ts';
import { type AnyHeader, handlingOf, isA, refOf, roomId } from '@parley/core/statement.ts';
import { type Decision, decide, type Said, type Stand } from './decide.ts';
import { beyondIn } from './persons.ts';
import type { GrantFacts, OpenedFacts, RecordFacts, ShareFacts } from './sources.ts';
import { type Opening, supervises } from './streams.ts';
import type { Look, RoomStand } from './viewer.ts';

/** Who may see what is held may see these. */
const holdKinds: ReadonlySet<string> = new Set<KindName>(['hold/1', 'hold.review/1', 'hold.end/1']);

/** Facts on one statement for one look, from which its header and each of its parts are decided. */
export interface Evidence {
  readonly record: RecordFacts;
  /** No way by the room leads to any of it: where it stood there is no place of it for the viewer. */
  readonly withheld: boolean;
  /** @param n the part, or null: the header */
  readonly decide: (n: number | null) => Decision;
}

export async function gather(
  look: Look,
  opening: Opening,
  indexes: readonly number[],
): Promise<ReadonlyMap<number, Evidence>> {
  const unique = [...new Set(indexes)];
  const { objects, narrowing, log } = look.sources;
  const records = await log.records(unique);
  const shares = await objects.shares(unique);
  const noticed = look.party ? await objects.noticed(look.party.no, unique) : new Set<number>();
  const addressed = await addressedIn(look, opening, records);
  const hidden = await hiddenIn(look, opening, records);
  const onPersons = await beyondIn(look, records);
  const withheld: ReadonlyMap<number, ReadonlySet<number>> = look.party
    ? await narrowing.withheld(look.party.no, [...shares.keys()])
    : new Map();
  const opened = await openedTo(look, [...shares.keys()]);
  const granted: ReadonlyMap<number, readonly GrantFacts[]> = look.party
    ? await objects.granted(look.party.no, [...shares.keys()])
    : new Map();
  const taken = await takenIn(look, records, shares);
  const evidence = new Map<number, Evidence>();
  for (const record of records) {
    const share = shares.get(record.index);
    const grants = granted.get(record.index) ?? [];
    const room = share ? look.rooms.get(share.room) : undefined;
    // Its author suspended what it owed this party: what it passed on to it, too, is withheld.
    const suspends = room?.withheld.has(record.header.party) === true;
    const kept = withheldOf(record, share, room, withheld.get(record.index));
    const openings = room && supervises(room) ? (opened.get(record.index) ?? []) : [];
    const stand: Omit<Stand, 'grants' | 'openings' | 'withheld'> = {
      addressed: addressed.has(record.index),
      noticed: noticed.has(record.index),
      stays: room?.stays ?? [],
      suspended: room?.standing.suspended === true,
      accepted: room?.accepted ?? [],
    };
    const judge = (n: number | null): Decision => {
      const here = ({ part }: { part: number }) => n === null || part === partNumber(record.index, n);
      const ways = {
        grants: suspends ? [] : grants.filter(here),
        openings: openings.filter(here),
        withheld: kept(n),
      };
      return decide(
        look.looker,
        {
          ...saidOf(record, share, taken, n),
          hidden: hidden.has(record.index),
          onPersons: onPersons.has(record.index),
        },
        { ...stand, ...ways },
        look.sources.now,
      );
    };
    evidence.set(record.index, { record, withheld: kept(null), decide: judge });
  }
  return evidence;
}

/**
 * Whether a part, or with null the whole of what is left, is kept from the viewer's party: it was taken back from it
 * alone, or its author has suspended what it owed this party.
 */
function withheldOf(
  { header }: RecordFacts,
  share: ShareFacts | undefined,
  room: RoomStand | undefined,
  parts: ReadonlySet<number> | undefined,
): (n: number | null) => boolean {
  if (room?.withheld.has(header.party)) return () => share !== undefined;
  if (parts === undefined) return () => false;
  return (n) => (n === null ? parts.size === share?.remaining : parts.has(n));
}

function saidOf(
  record: RecordFacts,
  share: ShareFacts | undefined,
  taken: ReadonlySet<number>,
  n: number | null,
): Said {
  const handling = handlingOf(record.header) ?? null;
  return {
    room: record.header.room ?? openedRoom(record.header),
    public: handling ? handling.to === 'public' : isPublicKind(record.header.kind),
    author: record.header.party,
    instant: record.instant,
    position: record.instant + (n ?? 0),
    taken: n === null ? share?.remaining === 0 : taken.has(partNumber(record.index, n)),
    handling,
    purposes: share?.purposes ?? [],
    past: share?.past ?? false,
  };
}

/** A room begins with what opens it. */
function openedRoom(header: AnyHeader): string | null {
  return isA(header, 'room.open/1') ? roomId(refOf(header)) : null;
}

/** What is wholly there needs no look at its parts: the usual case, and a page has hundreds. */
async function takenIn(
  { sources }: Look,
  records: readonly RecordFacts[],
  shares: ReadonlyMap<number, ShareFacts>,
): Promise<ReadonlySet<number>> {
  const parts = records.flatMap(({ index, header }) => {
    const share = shares.get(index);
    if (share && share.remaining === share.count) return [];
    return Array.from({ length: header.parts?.count ?? 0 }, (_, n) => partNumber(index, n));
  });
  return parts.length === 0 ? new Set() : sources.objects.taken(parts);
}

/** Holds on what the viewer may not see: not even that there is something. */
async function hiddenIn(
  look: Look,
  opening: Opening,
  records: readonly RecordFacts[],
): Promise<ReadonlySet<number>> {
  const holds = records.filter(({ header }) => holdKinds.has(header.kind)).map(({ index }) => index);
  if (holds.length === 0) return new Set();
  const targets = await look.sources.law.heldBy(holds);
  // Nothing of the law is held: admission sees to it, and a look goes no deeper than to what is.
  const held = await look.sources.log.records([...new Set(targets.values())]);
  const content = held.filter(({ header }) => !holdKinds.has(header.kind)).map(({ index }) => index);
  const evidence = await gather(look, opening, content);
  const seen = (index: number | undefined) => {
    const verdict = index === undefined ? undefined : evidence.get(index)?.decide(null).verdict;
    return verdict === 'permit' || verdict === 'header';
  };
  return new Set(holds.filter((index) => !seen(targets.get(index))));
}

/** Governance is addressed to whom its fold announced it: a heading in a stream that is open. */
async function addressedIn(
  look: Look,
  opening: Opening,
  records: readonly RecordFacts[],
): Promise<ReadonlySet<number>> {
  const governance = records
    .filter((record) => handlingOf(record.header) === undefined)
    .map((record) => record.index);
  const headings = await look.sources.objects.headingsOf(governance);
  const addressed = new Set<number>();
  for (const { stream, position, index } of headings)
    if (
      opening.open.some(
        (stretch) => stretch.stream === stream && stretch.after < position && position < stretch.before,
      )
    )
      addressed.add(index);
  return addressed;
}

async function openedTo(
  look: Look,
  indexes: readonly number[],
): Promise<ReadonlyMap<number, readonly OpenedFacts[]>> {
  const anywhere = [...look.rooms.values()].some(supervises);
  return look.party && anywhere ? look.sources.narrowing.opened(look.party.no, indexes) : new Map();
}
