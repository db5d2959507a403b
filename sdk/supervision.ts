/** Complaints of misuse, and supervision of a room: saying it, and reading it with its proof. */
import { Refusal } from '@parley/core/errors.ts';
import { instantOf, partyId, purposeId, type StatementRef, statementRef, uuid } from '@parley/core/fields.ts';
import type { PartyId } from '@parley/core/keys.ts';
import type { KindName } from '@parley/core/kinds.ts';
import { type Verdict, verdicts } from '@parley/core/kinds-supervision.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { type AnyHeader, isA } from '@parley/core/statement.ts';
import { z } from 'zod';
import { count, time } from './answer-fields.ts';
import { askJson, type Connection, fetchReceipt } from './connection.ts';
import { type Because, partsFor } from './law.ts';
import type { Target } from './speak.ts';
import type { Words } from './submit.ts';

const verdict = z.enum(verdicts);
const parts = z.array(z.int().min(0));

const answer = z.object({ statement: statementRef, party: partyId, verdict, at: time });
const opening = z.object({
  statement: statementRef,
  target: statementRef,
  parts: parts.nullable(),
  until: time,
  at: time,
});
const complaint = z.object({
  statement: statementRef,
  room: uuid,
  author: partyId,
  about: partyId,
  /** What was misused, where the author named it. */
  target: statementRef.nullable(),
  /** Who decides it; null: nobody but whom it is about, or none that the party may know of. */
  supervisor: partyId.nullable(),
  at: time,
  /** Who is to decide it has not answered. */
  open: z.boolean(),
  answers: z.array(answer),
  /** What was opened to who supervises for it, as far as it concerns the party. */
  openings: z.array(opening),
});
export type Complaint = z.infer<typeof complaint>;
const complaintsShape = z.object({ complaints: z.array(complaint) });

const supervised = z.object({
  at: time,
  party: partyId,
  device: partyId,
  person: z.string().nullable(),
  purpose: purposeId,
  justification: z.string().nullable(),
  route: z.string(),
  statements: z.array(statementRef.extend({ parts })),
});
/** One access by a supervised party, to what supervised parties said in the room. */
export type SupervisedAccess = z.infer<typeof supervised>;
const supervisedShape = z.object({ accesses: z.array(supervised), next: z.string().nullable() });

const statisticsShape = z.object({
  from: time,
  accesses: z.array(
    z.object({ party: partyId, purpose: purposeId, accesses: count, parts: count, justified: count }),
  ),
  complaints: z.array(z.object({ about: partyId, verdict: verdict.nullable(), count })),
  next: z.string().nullable(),
});
type StatisticsPage = z.infer<typeof statisticsShape>;
export type Statistics = Omit<StatisticsPage, 'next'>;

export interface SupervisionSpeaking {
  /** That a party misused something, to it and to who supervises the room. */
  complain(
    room: string,
    about: { about: PartyId; statement?: StatementRef | null; because: Because },
  ): Promise<Receipt>;
  answerComplaint(complaint: Target, about: { verdict: Verdict; because: Because }): Promise<Receipt>;
  /** As who supervises: content that an open complaint is about. Those concerned see it. */
  openContent(
    target: Target,
    about: {
      complaint: StatementRef;
      until: string;
      parts?: readonly number[] | null;
      because?: Because;
    },
  ): Promise<Receipt>;
}

type Say = <K extends KindName>(words: Words<K>) => Promise<Receipt>;

export function supervisionSpeech(say: Say, connection: Connection): SupervisionSpeaking {
  const roomFor = async (target: Target): Promise<string> => {
    const room = target.room ?? (await fetchReceipt(connection, target)).statement.header.room;
    if (room === undefined) throw new Refusal('target.kind', { detail: 'it was not said in a room' });
    return room;
  };
  return {
    complain(room, { about, statement = null, because }) {
      const body = { about, statement: statement && refFrom(statement) };
      return say({ kind: 'complaint.lodge/1', room, body, parts: partsFor(because) });
    },
    async answerComplaint(ref, { verdict, because }) {
      const body = { complaint: refFrom(ref), verdict };
      return say({ kind: 'complaint.answer/1', room: await roomFor(ref), body, parts: partsFor(because) });
    },
    async openContent(target, { complaint: ref, until, parts = null, because }) {
      // The target is not there for who supervises, until it is opened: its room is that of the complaint.
      const room = target.room ?? (await roomFor(ref));
      const body = {
        complaint: refFrom(ref),
        target: refFrom(target),
        parts: parts && [...parts].sort((a, b) => a - b),
        until,
      };
      return say({ kind: 'supervision.open/1', room, body, parts: partsFor(because) });
    },
  };
}

export interface SupervisionReader {
  /** By the party, about it, or for it to decide; each proven by its statements. */
  complaints(room?: string): Promise<readonly Complaint[]>;
  /** To who supervises a room, newest first: who read what, for what and why. What the centre observed, no statement. */
  supervisedAccesses(room: string, query?: { after?: string }): AsyncIterable<SupervisedAccess>;
  /** @param from accesses since then, at most 366 days back; left out: of the last 90 days */
  statistics(room: string, from?: string): Promise<Statistics>;
}

export function supervisionReader(connection: Connection): SupervisionReader {
  const headerOf = async (ref: StatementRef) => (await fetchReceipt(connection, ref)).statement.header;
  const pathOf = (room: string, what: string) => `rooms/${encodeURIComponent(room)}/supervision/${what}`;
  return {
    async complaints(room) {
      const { complaints } = await askJson(connection, 'complaints', complaintsShape, { query: { room } });
      for (const one of complaints) {
        needComplaint(await headerOf(one.statement), one);
        for (const each of one.answers) needAnswer(await headerOf(each.statement), one, each);
        for (const each of one.openings) needOpening(await headerOf(each.statement), one, each);
      }
      return complaints;
    },
    async *supervisedAccesses(room, query = {}) {
      let after: string | null | undefined = query.after;
      do {
        const path = pathOf(room, 'accesses');
        const page: z.infer<typeof supervisedShape> = await askJson(connection, path, supervisedShape, {
          query: { after },
        });
        yield* page.accesses;
        after = page.next;
      } while (after !== null);
    },
    async statistics(room, from) {
      const ask = (query: { from?: string | undefined; after?: string }): Promise<StatisticsPage> =>
        askJson(connection, pathOf(room, 'statistics'), statisticsShape, { query });
      const { next: more, ...first } = await ask({ from });
      let { accesses } = first;
      for (let next = more; next !== null; ) {
        const page = await ask({ from: first.from, after: next });
        accesses = added(accesses, page.accesses);
        next = page.next;
      }
      return { ...first, accesses };
    },
  };
}

function added(before: Statistics['accesses'], more: Statistics['accesses']): Statistics['accesses'] {
  const sums = new Map<string, Statistics['accesses'][number]>();
  for (const each of [...before, ...more]) {
    const key = `${each.party} ${each.purpose}`;
    const { accesses, parts, justified } = sums.get(key) ?? { accesses: 0, parts: 0, justified: 0 };
    sums.set(key, {
      ...each,
      accesses: accesses + each.accesses,
      parts: parts + each.parts,
      justified: justified + each.justified,
    });
  }
  return [...sums.keys()].sort().flatMap((key) => sums.get(key) ?? []);
}

/** @throws read.unproven */
function needComplaint(header: AnyHeader, { room, author, about, target }: Complaint): void {
  const same =
    isA(header, 'complaint.lodge/1') &&
    header.room === room &&
    header.party === author &&
    header.body.about === about &&
    isSame(header.body.statement, target);
  if (!same) throw new Refusal('read.unproven', { detail: 'the complaint says something else' });
}

/** @throws read.unproven */
function needAnswer(
  header: AnyHeader,
  { statement, room }: Complaint,
  { party, verdict }: Complaint['answers'][number],
): void {
  const same =
    isA(header, 'complaint.answer/1') &&
    header.room === room &&
    header.party === party &&
    header.body.verdict === verdict &&
    isSame(header.body.complaint, statement);
  if (!same) throw new Refusal('read.unproven', { detail: 'the answer to a complaint says something else' });
}

/** @throws read.unproven */
function needOpening(
  header: AnyHeader,
  { statement, room }: Complaint,
  { target, until }: Complaint['openings'][number],
): void {
  const same =
    isA(header, 'supervision.open/1') &&
    header.room === room &&
    instantOf(header.body.until) === instantOf(until) &&
    isSame(header.body.complaint, statement) &&
    isSame(header.body.target, target);
  if (!same)
    throw new Refusal('read.unproven', { detail: 'what was opened for a complaint is something else' });
}

function isSame(a: StatementRef | null, b: StatementRef | null): boolean {
  return a?.party === b?.party && a?.id === b?.id;
}

function refFrom({ party, id }: StatementRef): StatementRef {
  return { party, id };
}
