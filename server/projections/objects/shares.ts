import { classifications } from '@parley/core/classification.ts';
import { instantOf } from '@parley/core/fields.ts';
import { classificationOf, type Handling } from '@parley/core/handling.ts';
import type { Header } from '@parley/core/statement.ts';
import { parseStix } from '@parley/core/stix.ts';
import { partNumber } from '../../log/ports.ts';
import { inPowers, prepared } from '../../log/prepared.ts';
import { type Db, type Folding, instantIn, type RoomNo } from '../folding.ts';
import { addCases } from './cases.ts';
import { authorStream, internStream, purposeSet, type StreamClass } from './streams.ts';
import type { Surroundings } from './surroundings.ts';
import type { Audience, ObjectsTables } from './tables.ts';
import { countIn } from './tallies.ts';

type Objects = Db<ObjectsTables>;
const addShare = prepared((db: Objects, at: ObjectsTables['share']) => db.insertInto('share').values(at));
const addHeadings = prepared((db: Objects, at: { rows: readonly ObjectsTables['heading'][] }) =>
  db.insertInto('heading').values(at.rows),
);
const addVisible = prepared((db: Objects, at: { rows: readonly ObjectsTables['visible'][] }) =>
  db.insertInto('visible').values(at.rows),
);
const addObject = prepared((db: Objects, at: { rows: readonly ObjectsTables['object'][] }) =>
  db.insertInto('object').values(at.rows),
);

export async function foldShare(
  folding: Folding,
  header: Header<'share/1'>,
  db: Db<ObjectsTables>,
  around: Surroundings,
): Promise<void> {
  const { index, instant } = folding.record;
  const { handling } = header.body;
  const room = await around.room(header.room as string);
  const party = await around.party(header.party);
  const accepted = await around.accepted(room.no, header.party);
  const key = classOf(handling, room.no, accepted);
  const { purposes } = key;
  const stream = await internStream(db, key, party);
  const own = await internStream(db, authorStream(room.no, party), party);
  const count = header.parts?.count ?? 0;
  const until = handling.until === null ? null : instantOf(handling.until);
  const past = Number(accepted.past);
  await addShare(db, {
    idx: index,
    room: room.no,
    party,
    stream,
    gen: room.gen,
    instant,
    count,
    until,
    remaining: count,
    purposes,
    past,
    level: classifications.indexOf(classificationOf(handling)),
  });
  const heading = { position: instant, idx: index };
  await addHeadings(db, {
    rows: [
      { stream, ...heading },
      { stream: own, ...heading },
    ],
  });
  const rows = Array.from({ length: count }, (_, n) => ({
    position: instantIn(folding.record, n),
    part: partNumber(index, n),
  }));
  const seen = [stream, own].flatMap((each) => rows.map((row) => ({ stream: each, ...row })));
  for (const some of inPowers(seen)) await addVisible(db, { rows: some });
  await addObjects(folding, { room: room.no, party, stream, own, gen: room.gen }, db);
}

/** @param accepted of the terms that the speaker's party has accepted */
export function classOf(
  handling: Handling,
  room: RoomNo,
  accepted: { readonly purposes: readonly string[]; readonly past: boolean },
): StreamClass {
  const purposes = purposeSet(handling.purposes.filter((id) => accepted.purposes.includes(id)));
  return {
    room,
    audience: audienceOf(handling),
    purposes,
    personal: handling.personal !== false,
    past: accepted.past,
  };
}

/** Parties by their ids: a name that has not joined is as good as one that is no member. */
function audienceOf({ to }: Handling): Audience {
  return typeof to === 'string' ? to : `parties:${[...to.parties].sort().join(',')}`;
}

interface Place {
  readonly room: number;
  readonly party: number;
  readonly stream: number;
  /** Its author's. */
  readonly own: number;
  readonly gen: number;
}

/** What was erased leaves no object: its recall, which follows, would remove it. */
async function addObjects(folding: Folding, place: Place, db: Db<ObjectsTables>): Promise<void> {
  const { index, instant } = folding.record;
  const named: Omit<ObjectsTables['case_ref'], 'stream'>[] = [];
  const rows = folding.parts.flatMap((part, n) => {
    if (!part) return [];
    const { type, id, version, cases } = folding.objects?.[n] ?? parseStix(part.bytes, `/parts/${n}`);
    const number = partNumber(index, n);
    named.push(...cases.map((ref) => ({ ref, part: number, position: instant + n, content: 1 })));
    return [{ part: number, room: place.room, party: place.party, type, stix_id: id, version }];
  });
  if (rows.length === 0) return;
  for (const some of inPowers(rows)) await addObject(db, { rows: some });
  for (const stream of [place.stream, place.own])
    await addCases(
      db,
      named.map((row) => ({ ...row, stream })),
    );
  await countIn(
    db,
    place.stream,
    place.gen,
    place.party,
    rows.map((row) => row.type),
    1,
  );
}
