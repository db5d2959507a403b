/** Headers, in the order in which they became visible: the list of statements, and the stream of events. */
import type { Instant } from '@parley/core/fields.ts';
import { chainsFor } from './chains.ts';
import { roomOpening, type Shown, type ShownStatement } from './content.ts';
import { type ListOf, makeCursor, readCursor, resume } from './cursor.ts';
import { unknownToSql } from './decide.ts';
import { type Evidence, gather } from './evidence.ts';
import { type Released, released } from './released.ts';
import type { Sources, Stretch } from './sources.ts';
import { type Opening, openStreams } from './streams.ts';
import { type Look, look, type Viewer } from './viewer.ts';

export interface HeadingsOf {
  readonly room: string | null;
  readonly after: string | null;
  readonly limit: number;
}

/** @throws absent, cursor.malformed, cursor.stale */
export async function releaseHeadings(
  viewer: Viewer,
  request: HeadingsOf,
  sources: Sources,
): Promise<Released<Shown>> {
  const look_ = await look(viewer, sources);
  const of = listOf(look_, request.room);
  const after = request.after === null ? null : readCursor(of, request.after);
  const { rows, more } = await visible(look_, await opening(look_, request.room), after, request.limit);
  const last = rows.at(-1);
  const chains = await chainsFor(
    rows.map(({ record }) => record),
    sources,
  );
  return released({ chains, statements: rows, next: more && last ? makeCursor(of, last.added) : null });
}

export interface Event {
  readonly id: string;
  readonly statement: ShownStatement;
}

export interface Events {
  readonly events: readonly Event[];
  /** What may be seen has widened behind this place: the client reads again, then goes on. */
  readonly reread: boolean;
  /** Where to go on; the same text as the last event's id. */
  readonly cursor: string;
  readonly more: boolean;
}

/**
 * What became visible after a cursor, or from now on where there is none.
 * @throws absent, cursor.malformed
 */
export async function releaseEvents(
  viewer: Viewer,
  request: HeadingsOf,
  sources: Sources,
): Promise<Released<Events>> {
  const look_ = await look(viewer, sources);
  const of = listOf(look_, request.room);
  const streams = await opening(look_, request.room);
  const { position, stale } =
    request.after === null
      ? { position: await newest(look_, streams), stale: false }
      : resume(of, request.after);
  const { rows, more } = await visible(look_, streams, position, request.limit);
  const events = rows.map((statement) => ({ id: makeCursor(of, statement.added), statement }));
  return released({ events, reread: stale, cursor: events.at(-1)?.id ?? makeCursor(of, position), more });
}

function listOf(look_: Look, room: string | null): ListOf {
  return { list: `statements\n${room ?? ''}`, look: look_ };
}

async function opening(look_: Look, room: string | null): Promise<Opening> {
  return room === null ? openStreams(look_, null) : (await roomOpening(look_, room)).opening;
}

async function visible(
  look_: Look,
  streams: Opening,
  from: Instant | null,
  limit: number,
): Promise<{ rows: ShownStatement[]; more: boolean }> {
  const rows: ShownStatement[] = [];
  const about = { stretches: streams.open, order: 'oldest' as const, limit: limit + 1 };
  for (let after = from; ; ) {
    const offered = await look_.sources.objects.headings({ ...about, after });
    rows.push(...(await permitted(look_, streams, offered)));
    after = offered.at(-1)?.position ?? after;
    if (rows.length > limit || offered.length <= limit)
      return { rows: rows.slice(0, limit), more: rows.length > limit };
  }
}

/**
 * Where the newest stands that the viewer sees, and all that follows comes after it. The clock would not do: what is
 * being committed has an instant before now, and another instance's clock may be behind this one's. Nor would the
 * head of the log, which moves by what the viewer does not see.
 */
async function newest(look_: Look, streams: Opening): Promise<Instant> {
  const about = { stretches: streams.open, order: 'newest' as const, limit: 16 };
  for (let after: Instant | null = null; ; ) {
    const offered = await look_.sources.objects.headings({ ...about, after });
    const [first] = await permitted(look_, streams, offered);
    if (first) return first.added;
    if (offered.length < about.limit) return 0;
    after = offered.at(-1)?.position ?? after;
  }
}

/** Those of the rows at which the viewer is shown something, in their order. */
async function permitted(
  look_: Look,
  streams: Opening,
  offered: readonly { readonly position: Instant; readonly index: number }[],
): Promise<ShownStatement[]> {
  const indexes = offered.map(({ index }) => index);
  const evidence = await gather(look_, streams, indexes);
  const first = await firstPlaces(look_, streams, indexes, evidence);
  const rows: ShownStatement[] = [];
  for (const { position, index } of offered) {
    const about = evidence.get(index);
    const decision = about?.decide(null);
    if (about && (decision?.verdict === 'permit' || decision?.verdict === 'header')) {
      const content = decision.verdict === 'header' ? ('erased' as const) : ('open' as const);
      if (first.get(index) === position)
        rows.push({ record: about.record, added: position, content, parts: [] });
    } else if (!unknownToSql.has(decision?.rule)) look_.sources.disagree(decision?.rule ?? 'not-addressed');
  }
  return rows;
}

/** A statement announced in several open streams is shown once, where it stood first. */
export async function firstPlaces(
  look_: Look,
  { open }: Opening,
  indexes: readonly number[],
  evidence: ReadonlyMap<number, Evidence>,
): Promise<ReadonlyMap<number, Instant>> {
  const first = new Map<number, Instant>();
  for (const { stream, position, index } of await look_.sources.objects.headingsOf([...new Set(indexes)])) {
    const seen = open.find(
      (stretch) => stretch.stream === stream && stretch.after < position && position < stretch.before,
    );
    if (
      seen &&
      isPlaceOf(seen, evidence.get(index)) &&
      position < (first.get(index) ?? Number.POSITIVE_INFINITY)
    )
      first.set(index, position);
  }
  return first;
}

/** What is withheld has no place where it stood; nor, once passed on, where it was told that it was taken back. */
function isPlaceOf({ audience = '' }: Stretch, evidence: Evidence | undefined): boolean {
  if (!evidence?.withheld) return true;
  const told = audience === 'party' && evidence.decide(null).verdict === 'permit';
  return !told && !['room', 'observers', 'parties'].includes(audience);
}
