/** From rows to decisions: gathers, in few reads, what `decide` needs to know about a set of statements. */
import { handlingOf } from '@parley/core/statement.ts';
import { type Decision, decide, type Said, type Stand } from './decide.ts';
import type { RecordFacts, ShareFacts } from './sources.ts';
import type { Opening } from './streams.ts';
import type { Look } from './viewer.ts';

/** Facts on one statement for one look, from which its header and each of its parts are decided. */
export interface Evidence {
  readonly record: RecordFacts;
  /** @param n the part, or null: the header */
  readonly decide: (n: number | null) => Decision;
}

export async function gather(
  look: Look,
  opening: Opening,
  indexes: readonly number[],
): Promise<ReadonlyMap<number, Evidence>> {
  const unique = [...new Set(indexes)];
  const { objects, log } = look.sources;
  const records = await log.records(unique);
  const shares = await objects.shares(unique);
  const noticed = look.party ? await objects.noticed(look.party.no, unique) : new Set<number>();
  const addressed = await addressedIn(look, opening, records);
  const evidence = new Map<number, Evidence>();
  for (const record of records) {
    const share = shares.get(record.index);
    // What is wholly there needs no look at its parts: the usual case, and a page has hundreds.
    const whole = share !== undefined && share.remaining === share.count;
    const taken = whole ? new Set<number>() : await objects.taken(partNumbersOf(record));
    const grants = look.party && share ? await objects.grantedOf(look.party.no, record.index) : [];
    const room = share ? look.rooms.get(share.room) : undefined;
    const stand: Omit<Stand, 'grants'> = {
      addressed: addressed.has(record.index),
      noticed: noticed.has(record.index),
      stays: room?.stays ?? [],
      accepted: room?.accepted ?? [],
    };
    const judge = (n: number | null): Decision => {
      const mine = grants.filter((grant) => n === null || grant.part === record.index * 256 + n);
      return decide(
        look.looker,
        saidOf(record, share, taken, n),
        { ...stand, grants: mine },
        look.sources.now,
      );
    };
    evidence.set(record.index, { record, decide: judge });
  }
  return evidence;
}

function saidOf(
  record: RecordFacts,
  share: ShareFacts | undefined,
  taken: ReadonlySet<number>,
  n: number | null,
): Said {
  const base = record.index * 256;
  return {
    author: record.header.party,
    instant: record.instant,
    position: record.instant + (n ?? 0),
    taken: n === null ? share?.remaining === 0 : taken.has(base + n),
    handling: handlingOf(record.header) ?? null,
    purposes: share?.purposes ?? [],
    past: share?.past ?? false,
  };
}

function partNumbersOf(record: RecordFacts): number[] {
  return Array.from({ length: record.header.parts?.count ?? 0 }, (_, n) => record.index * 256 + n);
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
