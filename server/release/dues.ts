/** What a party owes, what is owed to it, and who read what it shared. */
import { Refusal } from '@parley/core/errors.ts';
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import { sharedAbove } from './accreditation.ts';
import { complaintTasks } from './complaints.ts';
import { evidenceOn } from './content.ts';
import { erasureOf, lawTasks } from './law.ts';
import { isWithin, lookOfDevice } from './own.ts';
import { beyondAmong, withoutPersons } from './persons.ts';
import { readmissionsOf } from './recovery.ts';
import { refAt } from './refs.ts';
import { type Released, released } from './released.ts';
import type { AskFacts, NoticeFacts, RoomFacts, Sources, StandingFacts } from './sources.ts';
import { look, type Viewer } from './viewer.ts';

export interface Task {
  readonly what:
    | 'invitation'
    | 'terms'
    | 'ask'
    | 'notice'
    | 'hold'
    | 'subject'
    | 'classification'
    | 'readmission'
    | 'complaint';
  /** Null: it is of the party as a whole. */
  readonly room: string | null;
  readonly since: Instant;
  /** The statement that asks for an answer. */
  readonly statement: StatementRef;
  /** Who waits for it. */
  readonly party: string;
  readonly detail: string;
  /** By when, where somebody set a time. */
  readonly due?: Instant;
}

/** A supervisor that the terms name no more is bound by none. */
function areToAccept({ state, role, accepted, party }: StandingFacts, { terms }: RoomFacts): boolean {
  if (state !== 'member' || accepted?.hash === terms.hash) return false;
  return role !== 'supervisor' || terms.terms.supervisor === party;
}

/** Oldest first. @throws session.needed */
export async function releaseTasks(
  viewer: Viewer,
  sources: Sources,
): Promise<Released<{ tasks: readonly Task[] }>> {
  const look_ = await lookOfDevice(viewer, sources);
  const tasks: Task[] = [];
  for (const [no, { standing }] of look_.rooms) {
    const room = await sources.rooms.byNumber(no);
    const since = standing.since;
    if (standing.state === 'invited' && standing.invited !== null) {
      const statement = await refAt(sources, standing.invited);
      tasks.push({
        what: 'invitation',
        room: room.id,
        since,
        statement,
        party: room.owner,
        detail: room.terms.terms.title,
      });
    } else if (areToAccept(standing, room)) {
      const [record] = await sources.log.records([room.terms.index]);
      const statement = await refAt(sources, room.terms.index);
      tasks.push({
        what: 'terms',
        room: room.id,
        since: record?.instant ?? since,
        statement,
        party: room.owner,
        detail: room.terms.terms.title,
      });
    }
  }
  for (const ask of await openAsks(look_.party.id, sources))
    tasks.push({
      what: 'ask',
      room: ask.room,
      since: ask.at,
      statement: await refAt(sources, ask.index),
      party: ask.asker,
      detail: ask.to,
    });
  for (const notice of await sources.recalls.noticesTo(look_.party.id))
    if (notice.answer === null) {
      const about = await refAt(sources, notice.target);
      tasks.push({
        what: 'notice',
        room: notice.room,
        since: notice.at,
        statement: await refAt(sources, notice.index),
        party: about.party,
        detail: notice.cause,
      });
    }
  for (const above of await sharedAbove(look_.party.no, sources))
    tasks.push({ what: 'classification', ...above });
  tasks.push(...(await lawTasks(look_, sources)));
  tasks.push(...(await complaintTasks(look_, sources)));
  tasks.push(...(await readmissionTasks(look_.party, sources)));
  const within = await withoutPersons(
    look_,
    tasks.filter(({ room }) => isWithin(look_, room)),
  );
  return released({ tasks: [...within].sort((a, b) => a.since - b.since) });
}

/** Somebody would come back as this party: it may object until then. */
async function readmissionTasks(
  party: { readonly no: number; readonly id: string },
  sources: Sources,
): Promise<Task[]> {
  return (await readmissionsOf(party.no, sources)).flatMap(({ key, vouched, ready }) => {
    const [first] = vouched;
    if (!first) return [];
    const { party: by, at: since, statement } = first;
    const due = ready === null ? {} : { due: ready };
    return [{ what: 'readmission' as const, room: null, since, statement, party: by, detail: key, ...due }];
  });
}

/** What was taken back or has ended cannot be passed on any more: nobody waits for an answer. */
async function openAsks(party: string, sources: Sources): Promise<readonly AskFacts[]> {
  const asks = await sources.requests.openFor(party);
  const shares = await sources.objects.shares([...new Set(asks.map(({ target }) => target))]);
  return asks.filter(({ target }) => (shares.get(target)?.remaining ?? 0) > 0);
}

export interface RecallView {
  /** The recall or the expiry; for a correction, the share that corrects. */
  readonly statement: StatementRef;
  readonly target: StatementRef;
  readonly cause: 'recall' | 'expiry' | 'correction';
  readonly at: Instant;
  /** From whom alone; null: from all. */
  readonly from: readonly string[] | null;
  /** When the last of its bytes was erased here; null where nothing was to be, or not yet. */
  readonly erased: Instant | null;
  /** Parts that are hidden, and kept from erasure by a hold. */
  readonly held: readonly number[];
  readonly recipients: readonly Recipient[];
}

export interface Recipient {
  readonly party: string;
  readonly notice: StatementRef;
  readonly answer: NoticeFacts['answer'];
  readonly basis: string | null;
  readonly until: string | null;
  readonly at: Instant | null;
}

/**
 * @param erasedAt the journal of erasures
 * @throws session.needed
 */
export async function releaseRecalls(
  viewer: Viewer,
  sources: Sources,
  erasedAt: (index: number) => Promise<Instant | null>,
): Promise<Released<{ recalls: readonly RecallView[] }>> {
  const look_ = await lookOfDevice(viewer, sources);
  const notices = await sources.recalls.noticesAbout(look_.party.id);
  const recalls = await sources.recalls.recallsOf(look_.party.id);
  const causes = new Map<string, Pick<RecallView, 'cause' | 'from'> & { by: number; target: number }>();
  for (const { by, target, cause } of notices)
    causes.set(`${by} ${target}`, { by, target, cause, from: null });
  for (const { index, target, cause, from } of recalls)
    causes.set(`${index} ${target}`, { by: index, target, cause, from });
  const all = [...causes.values()];
  const beyond = await beyondAmong(
    look_,
    all.flatMap(({ by, target }) => [by, target]),
  );
  const views: RecallView[] = [];
  /** What is held is not erased, whatever else of the statement was. */
  const erasedOf = async (
    one: Pick<RecallView, 'cause' | 'from' | 'at'> & { by: number; target: number },
  ) => {
    if (one.cause === 'correction' || one.from !== null) return { erased: null, held: [] };
    const { held, from } = await erasureOf(one.by, one.at, sources);
    const erased = held.length > 0 ? null : await erasedAt(one.target);
    return { erased: erased !== null && erased >= from ? erased : null, held };
  };
  for (const { by, target, cause, from } of all) {
    if (beyond.has(by) || beyond.has(target)) continue;
    const [record] = await sources.log.records([by]);
    if (!isWithin(look_, record?.header.room ?? null)) continue;
    const told = notices.filter((notice) => notice.by === by && notice.target === target);
    const recipients = await Promise.all(told.map((notice) => recipientOf(notice, sources)));
    views.push({
      statement: await refAt(sources, by),
      target: await refAt(sources, target),
      cause,
      at: record?.instant ?? 0,
      from,
      ...(await erasedOf({ by, target, cause, from, at: record?.instant ?? 0 })),
      recipients,
    });
  }
  return released({ recalls: views.sort((a, b) => a.at - b.at) });
}

async function recipientOf(notice: NoticeFacts, sources: Sources): Promise<Recipient> {
  const { party, answer, basis, until, answeredAt } = notice;
  return { party, notice: await refAt(sources, notice.index), answer, basis, until, at: answeredAt };
}

/** What the journal of accesses knows of one statement: the reading party, its purpose and the instant. */
export interface Reading {
  readonly party: string;
  readonly purpose: string;
  readonly at: Instant;
  readonly parts: readonly number[];
}

/**
 * Its author alone lists who read a statement; the reader's device and justification stay with the reader.
 * @throws absent, target.not-author
 */
export async function releaseReaders(
  viewer: Viewer,
  ref: StatementRef,
  sources: Sources,
  readersOf: (index: number) => Promise<readonly Reading[]>,
): Promise<Released<{ readers: readonly Reading[] }>> {
  const look_ = await look(viewer, sources);
  const { record } = await evidenceOn(look_, ref);
  if (record.header.party !== look_.party?.id) throw new Refusal('target.not-author');
  const readers = (await readersOf(record.index)).filter(({ party }) => party !== record.header.party);
  return released({
    readers: readers.map(({ party, purpose, at, parts }) => ({ party, purpose, at, parts })),
  });
}
