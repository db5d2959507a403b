/** Holding against erasure, and what persons ask: saying it, and reading it with its proof. */
import { Refusal } from '@parley/core/errors.ts';
import { instantOf, type StatementRef } from '@parley/core/fields.ts';
import type { BodyOf, KindName } from '@parley/core/kinds.ts';
import { makePart, type Part } from '@parley/core/parts.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { type AnyHeader, isA } from '@parley/core/statement.ts';
import { askJson, type Connection, fetchReceipt } from './connection.ts';
import { type Hold, holdsShape, type Kept, type SubjectRequest, subjectsShape } from './shapes-law.ts';
import { random } from './signer.ts';
import type { Target } from './speak.ts';
import type { Words } from './submit.ts';

type HoldBody = BodyOf<'hold/1'>;
type RequestBody = BodyOf<'subject.request/1'>;
type AnswerBody = BodyOf<'subject.answer/1'>;

/** In words, and the cases of which it is part. */
export interface Because {
  readonly reason: string;
  readonly cases?: readonly string[];
}

export interface Holding {
  readonly basis: HoldBody['basis'];
  /** When the party looks at it again. */
  readonly review: string;
  readonly until?: string | null;
  /** Null or left out: all parts. */
  readonly parts?: readonly number[] | null;
  readonly because?: Because;
}

export interface LawSpeaking {
  /** While it stands, taking back and the end of a share hide what it covers, and erase nothing of it. */
  hold(target: Target, about: Holding): Promise<Receipt>;
  reviewHold(
    hold: Target,
    about: { review: string; until: string | null; because?: Because },
  ): Promise<Receipt>;
  endHold(hold: Target, because?: Because): Promise<Receipt>;
  /** To whoever said the target, for a person. */
  requestSubject(
    target: Target,
    about: {
      request: RequestBody['request'];
      due: string;
      parts?: readonly number[] | null;
      because: Because;
    },
  ): Promise<Receipt>;
  answerSubject(
    request: Target,
    about: { answer: AnswerBody['answer']; basis?: AnswerBody['basis']; because?: Because },
  ): Promise<Receipt>;
}

type Say = <K extends KindName>(words: Words<K>) => Promise<Receipt>;

export function lawSpeech(say: Say, connection: Connection): LawSpeaking {
  const roomFor = async (target: Target): Promise<string> => {
    const room = target.room ?? (await fetchReceipt(connection, target)).statement.header.room;
    if (room === undefined) throw new Refusal('target.kind', { detail: 'it was not said in a room' });
    return room;
  };
  return {
    async hold(target, { basis, review, until = null, parts = null, because }) {
      const body = { target: refFrom(target), parts: numbers(parts), basis, review, until };
      return say({ kind: 'hold/1', room: await roomFor(target), body, parts: partsFor(because) });
    },
    async reviewHold(hold, { review, until, because }) {
      const body = { hold: refFrom(hold), review, until };
      return say({ kind: 'hold.review/1', room: await roomFor(hold), body, parts: partsFor(because) });
    },
    async endHold(hold, because) {
      const body = { hold: refFrom(hold) };
      return say({ kind: 'hold.end/1', room: await roomFor(hold), body, parts: partsFor(because) });
    },
    async requestSubject(target, { request, due, parts = null, because }) {
      const body = { target: refFrom(target), parts: numbers(parts), request, due };
      return say({ kind: 'subject.request/1', room: await roomFor(target), body, parts: partsFor(because) });
    },
    async answerSubject(request, { answer, basis = null, because }) {
      const body = { request: refFrom(request), answer, basis };
      return say({ kind: 'subject.answer/1', room: await roomFor(request), body, parts: partsFor(because) });
    },
  };
}

export function partsFor(because: Because | undefined): Part[] {
  if (because === undefined) return [];
  const { reason, cases = [] } = because;
  return [makePart(cases.length === 0 ? { reason } : { reason, cases }, random)];
}

function refFrom({ party, id }: StatementRef): StatementRef {
  return { party, id };
}

function numbers(parts: readonly number[] | null): number[] | null {
  return parts && [...parts].sort((a, b) => a - b);
}

export interface LawReader {
  /** Holds of the viewer's party, and those that stand on what it may see; each proven by its statement. */
  holds(): Promise<readonly Hold[]>;
  /** What the party kept of what others took back, on which basis and until when, as it answered. */
  kept(): Promise<readonly Kept[]>;
  /** What persons asked through the viewer's party, and of it; each proven by its statement. */
  subjectRequests(): Promise<readonly SubjectRequest[]>;
}

export function lawReader(connection: Connection): LawReader {
  const headerOf = async (ref: StatementRef) => (await fetchReceipt(connection, ref)).statement.header;
  return {
    async holds() {
      const { holds } = await askJson(connection, 'holds', holdsShape);
      for (const hold of holds) needHold(await headerOf(hold.statement), hold);
      return holds;
    },
    kept: async () => (await askJson(connection, 'holds', holdsShape)).kept,
    async subjectRequests() {
      const { requests } = await askJson(connection, 'subject-requests', subjectsShape);
      for (const request of requests) needRequest(await headerOf(request.statement), request);
      return requests;
    },
  };
}

/** A review may have moved its times since. @throws read.unproven */
function needHold(header: AnyHeader, { target, basis, room, reviewed, review }: Hold): void {
  const same =
    isA(header, 'hold/1') &&
    header.room === room &&
    isSame(header.body.target, target) &&
    header.body.basis === basis &&
    (reviewed !== null || instantOf(header.body.review) === instantOf(review));
  if (!same) throw new Refusal('read.unproven', { detail: 'the hold says something else' });
}

/** @throws read.unproven */
function needRequest(header: AnyHeader, { target, room, request, due, asker }: SubjectRequest): void {
  const same =
    isA(header, 'subject.request/1') &&
    header.room === room &&
    header.party === asker &&
    isSame(header.body.target, target) &&
    header.body.request === request &&
    instantOf(header.body.due) === instantOf(due);
  if (!same) throw new Refusal('read.unproven', { detail: 'the request says something else' });
}

function isSame(a: StatementRef, b: StatementRef): boolean {
  return a.party === b.party && a.id === b.id;
}
