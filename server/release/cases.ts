/** Everything that names a case, of what the viewer may see: content, and the reasons of what was said about it. */
import { caseKey } from '@parley/core/cases.ts';
import type { Instant } from '@parley/core/fields.ts';
import { placeOf, recordIndexOf } from '@parley/core/parts.ts';
import { handlingOf } from '@parley/core/statement.ts';
import { type Row, roomOpening, type Shown, shownPage } from './content.ts';
import { type ListOf, readCursor } from './cursor.ts';
import { unknownToSql } from './decide.ts';
import { type Evidence, gather } from './evidence.ts';
import { firstPlaces } from './headings.ts';
import type { Released } from './released.ts';
import type { Sources } from './sources.ts';
import { type Opening, openStreams } from './streams.ts';
import { type Look, look, type Viewer } from './viewer.ts';

export interface CaseOf {
  readonly ref: string;
  readonly room: string | null;
  readonly after: string | null;
  readonly limit: number;
}

/** What is locked is not searched, and nothing tells of it. @throws absent, cursor.malformed, cursor.stale */
export async function releaseCase(
  viewer: Viewer,
  { ref, room, after: from, limit }: CaseOf,
  sources: Sources,
): Promise<Released<Shown>> {
  const look_ = await look(viewer, sources);
  const named = caseKey(ref);
  const of: ListOf = { list: `case\n${room ?? ''}\n${named}`, look: look_ };
  const after = from === null ? null : readCursor(of, from);
  const opening = room === null ? await openStreams(look_, null) : (await roomOpening(look_, room)).opening;
  return shownPage(await rowsNaming(named, look_, opening, after, limit + 1), limit, of);
}

async function rowsNaming(
  named: string,
  look_: Look,
  opening: Opening,
  from: Instant | null,
  wanted: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after = from; ; ) {
    const offered = await look_.sources.objects.caseRows({
      stretches: opening.open,
      order: 'oldest',
      after,
      limit: wanted,
      case: named,
    });
    const indexes = offered.map(({ part }) => recordIndexOf(part));
    const evidence = await gather(look_, opening, indexes);
    const first = await firstPlaces(look_, opening, indexes, evidence);
    for (const { position, part } of offered) {
      const { index, n } = placeOf(part);
      const about = evidence.get(index);
      const decision = about?.decide(n);
      if (about && decision?.verdict === 'permit') {
        const place = isContent(about) ? decision.position : first.get(index);
        if (place === position) rows.push({ position, part, evidence: about });
      } else if (!unknownToSql.has(decision?.rule)) look_.sources.disagree(decision?.rule ?? 'not-addressed');
    }
    after = offered.at(-1)?.position ?? after;
    if (rows.length >= wanted || offered.length < wanted) return rows.slice(0, wanted);
  }
}

function isContent({ record }: Evidence): boolean {
  return handlingOf(record.header) !== undefined;
}
