/** Complaints and what became of them, to those concerned. */
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import type { Verdict } from '@parley/core/kinds-supervision.ts';
import type { Task } from './dues.ts';
import { gather } from './evidence.ts';
import { isWithin, lookOfDevice } from './own.ts';
import { refAt } from './refs.ts';
import { type Released, released } from './released.ts';
import type { ComplaintFacts, Sources } from './sources.ts';
import { openStreams } from './streams.ts';
import type { Look, Viewer } from './viewer.ts';

export interface ComplaintView {
  readonly statement: StatementRef;
  readonly room: string;
  readonly author: string;
  readonly about: string;
  /** What was misused, where the author named it. */
  readonly target: StatementRef | null;
  /** Who decides it; null: nobody, or none that the viewer may know of. */
  readonly supervisor: string | null;
  readonly at: Instant;
  /** Who is to decide it has not answered. */
  readonly open: boolean;
  readonly answers: readonly {
    readonly statement: StatementRef;
    readonly party: string;
    readonly verdict: Verdict;
    readonly at: Instant;
  }[];
  /** What was opened to who supervises, as far as it concerns the viewer. */
  readonly openings: readonly {
    readonly statement: StatementRef;
    readonly target: StatementRef;
    readonly parts: readonly number[] | null;
    readonly until: Instant;
    readonly at: Instant;
  }[];
}

/** Lodged by the viewer's party, about it, or for it to decide; oldest first. @throws session.needed */
export async function releaseComplaints(
  viewer: Viewer,
  room: string | null,
  sources: Sources,
): Promise<Released<{ complaints: readonly ComplaintView[] }>> {
  const look = await lookOfDevice(viewer, sources);
  const all = (await sources.complaints.complaintsOf(look.party.id)).filter(
    (complaint) => isWithin(look, complaint.room) && (room === null || complaint.room === room),
  );
  const indexes = all.flatMap(({ index, openings }) => [index, ...openings.map((each) => each.index)]);
  const evidence = await gather(look, await openStreams(look, null), indexes);
  const seen = new Set(
    [...evidence].filter(([, { decide }]) => decide(null).verdict === 'permit').map(([index]) => index),
  );
  const views = all.filter(({ index }) => seen.has(index)).map((each) => viewOf(each, look, seen));
  return released({ complaints: await Promise.all(views) });
}

async function viewOf(
  complaint: ComplaintFacts,
  look: Look,
  seen: ReadonlySet<number>,
): Promise<ComplaintView> {
  const { index, statement, supervisor, answers, openings, ...rest } = complaint;
  const { sources } = look;
  const no = (await sources.rooms.room(rest.room))?.no ?? 0;
  // Who has left sees no terms that came later, and so not whom they name.
  const knows = supervisor === look.party?.id || look.rooms.get(no)?.standing.state === 'member';
  return {
    ...rest,
    statement: await refAt(sources, index),
    target: statement === null ? null : await refAt(sources, statement),
    supervisor: knows ? supervisor : null,
    answers: await Promise.all(
      answers.map(async ({ index: at, ...each }) => ({ ...each, statement: await refAt(sources, at) })),
    ),
    openings: await Promise.all(
      openings
        .filter((each) => seen.has(each.index))
        .map(async ({ target, parts, until, at, index: said }) => ({
          statement: await refAt(sources, said),
          target: await refAt(sources, target),
          parts,
          until,
          at,
        })),
    ),
  };
}

/** What the party has not answered yet: as whom it is about, or as who decides. */
export async function complaintTasks(
  look: Look & { readonly party: { readonly id: string } },
  sources: Sources,
): Promise<readonly Task[]> {
  const me = look.party.id;
  const tasks: Task[] = [];
  for (const { index, room, author, about, supervisor, at, answers } of await sources.complaints.complaintsOf(
    me,
  ))
    if ((about === me || supervisor === me) && !answers.some(({ party }) => party === me))
      tasks.push({
        what: 'complaint',
        room,
        since: at,
        statement: await refAt(sources, index),
        party: author,
        detail: about,
      });
  return tasks;
}
