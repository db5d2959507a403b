/** What a statement says, in words: who, what of it, for whom, for what, and the reason. */
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { type AnyHeader, isA } from '@parley/core/statement.ts';
import type { Desk } from './desk.ts';
import { named, ranges, shortRef, time } from './format.ts';

type Row = readonly [string, string | null];

const causes = {
  recall: 'was taken back',
  expiry: 'has ended',
  correction: 'was corrected by a newer version',
} as const;

/** @returns null for a kind that has no words here */
export async function wordsOf(desk: Desk, header: AnyHeader): Promise<readonly Row[] | null> {
  const name = async (party: string) => named(party, await desk.namesOf([party]));
  const of = async (target: StatementRef, parts: readonly number[] | null) =>
    `${partsText(target, parts)}, said by ${await name(target.party)}`;
  if (isA(header, 'notice/1')) {
    const { cause, target, parts, by, to } = header.body;
    return [
      ['tells', await name(to)],
      ['that', `${await of(target, parts)}, ${causes[cause]}`],
      ['by', `${shortRef(by)} of ${await name(by.party)}`],
      ['reason', cause === 'recall' ? await reasonOf(desk, by) : null],
    ];
  }
  if (isA(header, 'ask/1') || isA(header, 'grant/1')) {
    const { target, parts, to, purposes } = header.body;
    return [
      [isA(header, 'ask/1') ? 'asks for' : 'passes on', await of(target, parts)],
      ['for', await name(to)],
      ['purposes', purposes.join(', ')],
    ];
  }
  if (isA(header, 'hold/1')) {
    const { target, parts, basis, review, until } = header.body;
    return [
      ['holds', await of(target, parts)],
      ['basis', basis],
      ['review', time(review)],
      ['until', until === null ? 'it is ended' : time(until)],
    ];
  }
  if (isA(header, 'hold.review/1'))
    return [
      ['prolongs', `the hold ${shortRef(header.body.hold)}`],
      ['review', time(header.body.review)],
      ['until', header.body.until === null ? 'it is ended' : time(header.body.until)],
    ];
  if (isA(header, 'hold.end/1')) return [['ends', `the hold ${shortRef(header.body.hold)}`]];
  if (isA(header, 'subject.request/1')) {
    const { target, parts, request, due } = header.body;
    return [
      ['asks for', `${request} of ${await of(target, parts)}`],
      ['due', time(due)],
    ];
  }
  if (isA(header, 'subject.answer/1')) {
    const { request, answer, basis } = header.body;
    return [
      ['answers', `the request ${shortRef(request)}: ${answer}`],
      ['basis', basis],
    ];
  }
  if (isA(header, 'complaint.lodge/1')) {
    const { about, statement } = header.body;
    return [
      ['complains of', await name(about)],
      ['statement', statement && (await of(statement, null))],
    ];
  }
  if (isA(header, 'complaint.answer/1')) {
    const { complaint, verdict } = header.body;
    return [['answers', `the complaint ${shortRef(complaint)}: ${verdict}`]];
  }
  if (isA(header, 'supervision.open/1')) {
    const { complaint, target, parts, until } = header.body;
    return [
      ['opens', `${await of(target, parts)}, to itself`],
      ['for', `the complaint ${shortRef(complaint)}`],
      ['until', time(until)],
    ];
  }
  if (isA(header, 'recall/1')) {
    const { target, parts, from } = header.body;
    return [
      ['takes back', await of(target, parts)],
      ['only from', from ? (await Promise.all(from.map(name))).join(', ') : null],
    ];
  }
  if (isA(header, 'deny/1')) return [['denies', `what ${shortRef(header.body.ask)} asked for`]];
  if (isA(header, 'ack/1')) {
    const { notice, answer, basis, until } = header.body;
    return [
      ['answers', `the notice ${shortRef(notice)}: ${answer}`],
      ['basis', basis],
      ['until', until === null ? null : time(until)],
    ];
  }
  return null;
}

/** `part #0, 2-4 of 3f2a91cc/0b7d8f60`, or the whole of it. */
export function partsText(target: StatementRef, parts: readonly number[] | null): string {
  return parts === null ? `all of ${shortRef(target)}` : `part #${ranges(parts)} of ${shortRef(target)}`;
}

async function reasonOf(desk: Desk, ref: StatementRef): Promise<string | null> {
  const said = await desk.session.statement(ref).catch(unlessAbsent);
  return reasonIn(said?.parts[0]?.object);
}

export function reasonIn(object: unknown): string | null {
  const fields: { reason?: unknown } = typeof object === 'object' && object !== null ? object : {};
  return typeof fields.reason === 'string' ? fields.reason : null;
}

/** What others speak of may not be there for this viewer. */
export function unlessAbsent(error: unknown): null {
  if (error instanceof Refusal && error.class === 'absent') return null;
  throw error;
}
