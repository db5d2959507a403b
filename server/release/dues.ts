/** What a party owes, what is owed to it, and who read what it shared. */
import { Refusal } from '@parley/core/errors.ts';
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import { refOf } from '@parley/core/statement.ts';
import { evidenceOn } from './content.ts';
import { lookAsParty } from './own.ts';
import { type Released, released } from './released.ts';
import type { AskFacts, NoticeFacts, Sources } from './sources.ts';
import { look, type Viewer } from './viewer.ts';

export interface Task {
  readonly what: 'invitation' | 'terms' | 'ask' | 'notice';
  readonly room: string;
  readonly since: Instant;
  /** The statement that asks for an answer. */
  readonly statement: StatementRef;
  /** Who waits for it. */
  readonly party: string;
  readonly detail: string;
}

/** Oldest first. @throws session.needed */
export async function releaseTasks(
  viewer: Viewer,
  sources: Sources,
): Promise<Released<{ tasks: readonly Task[] }>> {
  const look_ = await lookAsParty(viewer, sources);
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
    } else if (standing.state === 'member' && standing.accepted?.hash !== room.terms.hash) {
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
  return released({ tasks: tasks.sort((a, b) => a.since - b.since) });
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
  /** When the last of its bytes was erased here; null where nothing was to be, or not yet. */
  readonly erased: Instant | null;
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
  const look_ = await lookAsParty(viewer, sources);
  const notices = await sources.recalls.noticesAbout(look_.party.id);
  const recalls = await sources.recalls.recallsOf(look_.party.id);
  const causes = new Map<string, { by: number; target: number; cause: RecallView['cause'] }>();
  for (const { index, target, cause } of recalls)
    causes.set(`${index} ${target}`, { by: index, target, cause });
  for (const { by, target, cause } of notices) causes.set(`${by} ${target}`, { by, target, cause });
  const views: RecallView[] = [];
  for (const { by, target, cause } of causes.values()) {
    const [record] = await sources.log.records([by]);
    const told = notices.filter((notice) => notice.by === by && notice.target === target);
    const recipients = await Promise.all(told.map((notice) => recipientOf(notice, sources)));
    views.push({
      statement: await refAt(sources, by),
      target: await refAt(sources, target),
      cause,
      at: record?.instant ?? 0,
      erased: cause === 'correction' ? null : await erasedAt(target),
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

/** References of statements that the viewer's party made, was told of, or is asked about. */
async function refAt(sources: Sources, index: number): Promise<StatementRef> {
  const [record] = await sources.log.records([index]);
  if (!record) throw new Error(`record ${index} is not there`);
  return refOf(record.header);
}
