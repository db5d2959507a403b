/** Content: pages of a room, and single statements with what may be seen of them. */
import { caseKey } from '@parley/core/cases.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import type { FileEntry } from '@parley/core/files.ts';
import { type Part, partNumber, placeOf, recordIndexOf } from '@parley/core/parts.ts';
import { fileAt, isA } from '@parley/core/statement.ts';
import { type Chain, chainsFor } from './chains.ts';
import { type ListOf, makeCursor, readCursor } from './cursor.ts';
import { unknownToSql } from './decide.ts';
import { type Evidence, gather } from './evidence.ts';
import { type Released, released } from './released.ts';
import type { RecordFacts, Sources } from './sources.ts';
import { end, type Opening, openStreams } from './streams.ts';
import { type Look, look, type Viewer } from './viewer.ts';

export interface ShownPart {
  readonly n: number;
  readonly added: Instant;
  readonly part: Part;
  /** What the header says of a file, whose salt and bytes are given out apart: see `releaseFile`. */
  readonly file: FileEntry | null;
}

export interface ShownStatement {
  readonly record: RecordFacts;
  readonly added: Instant;
  /** `erased`: it was taken back, only the header is left. */
  readonly content: 'open' | 'erased';
  readonly parts: readonly ShownPart[];
}

export interface Shown {
  readonly chains: readonly Chain[];
  readonly statements: readonly ShownStatement[];
  readonly next: string | null;
}

export interface PageOf {
  readonly room: string;
  readonly after: string | null;
  readonly limit: number;
  readonly order: 'oldest' | 'newest';
  readonly type: string | null;
  /** Only what names this case. */
  readonly case?: string | null;
}

/** @throws absent, cursor.malformed, cursor.stale */
export async function releasePage(viewer: Viewer, page: PageOf, sources: Sources): Promise<Released<Shown>> {
  const look_ = await look(viewer, sources);
  const { opening } = await roomOpening(look_, page.room);
  const of: ListOf = {
    list: `parts\n${page.room}\n${page.order}\n${page.type ?? ''}\n${page.case ?? ''}`,
    look: look_,
  };
  const after = page.after === null ? null : readCursor(of, page.after);
  const named = page.case == null ? null : caseKey(page.case);
  const rows = await permitted(look_, opening, { ...page, case: named }, after);
  return shownPage(rows, page.limit, of);
}

/** @param rows up to one more than the limit */
export async function shownPage(rows: readonly Row[], limit: number, of: ListOf): Promise<Released<Shown>> {
  const shown = await withBytes(rows.slice(0, limit), of.look);
  const last = shown.at(-1);
  const statements = together(shown);
  const chains = await chainsFor(
    statements.map(({ record }) => record),
    of.look.sources,
  );
  return released({
    chains,
    statements,
    next: shown.length < rows.length && last ? makeCursor(of, last.position) : null,
  });
}

/** The room's open streams, where the viewer may know of the room at all. @throws absent */
export async function roomOpening(
  look_: Look,
  room: string,
): Promise<{ readonly no: number; readonly opening: Opening }> {
  const found = await look_.sources.rooms.room(room);
  const opening = found ? await openStreams(look_, found.no) : null;
  if (!found || !opening) throw new Refusal('absent');
  // Who stands in the room was told of it.
  if (!look_.rooms.has(found.no) && !(await isAnything(look_, opening))) throw new Refusal('absent');
  return { no: found.no, opening };
}

/** Rows looked at together, until one is found. */
const triedAtOnce = 16;

/**
 * Whether something stands there for the viewer, to see or locked. A stream outlives what was in it, and must not tell
 * that there was something. Every part has its heading in the same stream, so that headings say it all.
 */
export async function isAnything(look_: Look, opening: Opening): Promise<boolean> {
  const locked = opening.closed.map(({ stream }) => ({ stream: stream.no, after: -1, before: end }));
  const stretches = [...opening.open, ...locked];
  for (let after: Instant | null = null; ; ) {
    const offered: readonly { position: Instant; index: number }[] = await look_.sources.objects.headings({
      stretches,
      order: 'newest',
      after,
      limit: triedAtOnce,
    });
    const indexes = offered.map(({ index }) => index);
    for (const { decide } of (await gather(look_, opening, indexes)).values())
      if (decide(null).verdict !== 'absent') return true;
    if (offered.length < triedAtOnce) return false;
    after = offered.at(-1)?.position ?? after;
  }
}

export interface Row {
  readonly position: Instant;
  readonly part: number;
  readonly evidence: Evidence;
}

/** Up to one more than the limit, counted in released rows: what is refused is not a row. */
async function permitted(
  look_: Look,
  { open, closed }: Opening,
  page: PageOf,
  from: Instant | null,
): Promise<Row[]> {
  const rows: Row[] = [];
  const wanted = page.limit + 1;
  for (let after = from; ; ) {
    const offered = await look_.sources.objects.page({
      stretches: open,
      order: page.order,
      after,
      limit: wanted,
      type: page.type,
      case: page.case ?? null,
    });
    const indexes = offered.map(({ part }) => recordIndexOf(part));
    const evidence = await gather(look_, { open, closed }, indexes);
    for (const { position, part } of offered) {
      const { index, n } = placeOf(part);
      const about = evidence.get(index);
      const decision = about?.decide(n);
      if (about && decision?.verdict === 'permit') {
        // Visible twice is released once, where it stood first.
        if (decision.position === position) rows.push({ position, part, evidence: about });
      } else if (!unknownToSql.has(decision?.rule)) look_.sources.disagree(decision?.rule ?? 'not-addressed');
    }
    after = offered.at(-1)?.position ?? after;
    if (rows.length >= wanted || offered.length < wanted) return rows.slice(0, wanted);
  }
}

interface Loaded extends Row {
  readonly bytes: Part;
}

/** Bytes of parts in one page, which ends early where they are large: memory is bounded, whatever a part holds. */
export const maxPageBytes = 8 * 1024 * 1024;
/** As many as the largest parts could be loaded beyond the limit. */
const loadedAtOnce = 64;

async function withBytes(rows: readonly Row[], look_: Look): Promise<Loaded[]> {
  const loaded: Loaded[] = [];
  let size = 0;
  for (let i = 0; i < rows.length && size < maxPageBytes; i += loadedAtOnce) {
    const slice = rows.slice(i, i + loadedAtOnce);
    const found = await look_.sources.log.parts(slice.map((row) => row.part));
    for (const row of slice) {
      const bytes = found.get(row.part);
      if (!bytes) throw new Error(`part ${row.part} is visible and not there`);
      loaded.push({ ...row, bytes });
      size += bytes.bytes.length;
      if (size >= maxPageBytes) break;
    }
  }
  return loaded;
}

/** Puts neighbours of one statement together. */
function together(rows: readonly Loaded[]): ShownStatement[] {
  const statements: (ShownStatement & { parts: ShownPart[] })[] = [];
  for (const { position, part, bytes, evidence } of rows) {
    const last = statements.at(-1);
    const { n } = placeOf(part);
    const shown = { n, added: position, part: bytes, file: fileAt(evidence.record.header, n) };
    if (last?.record.index === evidence.record.index) last.parts.push(shown);
    else statements.push({ record: evidence.record, added: position, content: 'open', parts: [shown] });
  }
  return statements;
}

/** One statement, with the parts that the viewer may have now. @throws absent */
export async function releaseStatement(
  viewer: Viewer,
  ref: StatementRef,
  sources: Sources,
): Promise<Released<Shown>> {
  const look_ = await look(viewer, sources);
  const evidence = await evidenceOn(look_, ref);
  const { record } = evidence;
  const header = evidence.decide(null);
  const numbers = Array.from({ length: record.header.parts?.count ?? 0 }, (_, n) => n).filter(
    (n) => evidence.decide(n).verdict === 'permit',
  );
  const bytes = await sources.log.parts(numbers.map((n) => partNumber(record.index, n)));
  const parts = numbers.flatMap((n) => {
    const part = bytes.get(partNumber(record.index, n));
    return part ? [{ n, added: evidence.decide(n).position, part, file: fileAt(record.header, n) }] : [];
  });
  const content = header.verdict === 'header' ? 'erased' : 'open';
  const statement: ShownStatement = { record, added: header.position, content, parts };
  return released({ chains: await chainsFor([record], sources), statements: [statement], next: null });
}

/** What is locked is as absent here as what is not there: it is told of in counts only. @throws absent */
export async function evidenceOn(look_: Look, ref: StatementRef): Promise<Evidence> {
  const index = await look_.sources.log.find(ref);
  if (index === null) throw new Refusal('absent');
  const opening = await openStreams(look_, null);
  const evidence = (await gather(look_, opening, [index])).get(index);
  const verdict = evidence?.decide(null).verdict;
  if (!evidence || (verdict !== 'permit' && verdict !== 'header')) throw new Refusal('absent');
  return evidence;
}

/** The content that an answer carries, for the journal of accesses: governance is no content, and a file is not in it. */
export function accessedIn(shown: Released<Shown>): { index: number; author: string; parts: number[] }[] {
  return shown.value.statements
    .filter(({ record }) => isA(record.header, 'share/1'))
    .map(({ record, parts }) => ({
      index: record.index,
      author: record.header.party,
      parts: parts.filter(({ file }) => file === null).map(({ n }) => n),
    }))
    .filter(({ parts }) => parts.length > 0);
}
