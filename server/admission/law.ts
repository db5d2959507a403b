/** Holding against erasure, and what persons ask of whoever holds data on them. */
import { Refusal } from '@parley/core/errors.ts';
import { type Instant, instantOf, type StatementRef } from '@parley/core/fields.ts';
import { isErasable } from '@parley/core/kinds.ts';
import { lawKinds } from '@parley/core/kinds-law.ts';
import { partNumber } from '@parley/core/parts.ts';
import type { StoredRecord } from '../log/ports.ts';
import type { HoldState } from './readers.ts';
import { ownTarget, type RuleOf, type Saying, sameRoom } from './said.ts';

/** On one statement at a time: whoever it is passed on to is shown each. */
const maxHolds = 16;

/** The originator alone, member or not, of what there still is of it. */
export const hold: RuleOf<'hold/1'> = async (saying) => {
  const { header, readers, instant } = saying;
  const { target: ref, parts, review, until } = header.body;
  if (ref.party !== header.party) throw await notOriginator(saying, ref, '/body/target');
  const target = await ownTarget(saying, ref);
  // A hold on a hold would be told to whom the first is told, and so on without an end.
  const held = isErasable(target.header.kind) && !(target.header.kind in lawKinds);
  if (!held || target.header.parts === undefined)
    throw new Refusal('target.kind', { at: '/body/target', detail: target.header.kind });
  sameRoom(saying, target);
  await checkSomethingLeft(target, parts, saying);
  checkTimes(review, until, instant);
  if ((await readers.holdsOn(target.index)) >= maxHolds)
    throw new Refusal('hold.too-many', { at: '/body/target', params: { limit: maxHolds } });
};

/** Prolongs it, or lets it end sooner. */
export const reviewHold: RuleOf<'hold.review/1'> = async (saying) => {
  const { hold: ref, review, until } = saying.header.body;
  await standing(saying, ref);
  checkTimes(review, until, saying.instant);
};

/** Its author at any time; the centre once the end has come that the hold names. */
export const endHold: RuleOf<'hold.end/1'> = async (saying) => {
  const { header, party, instant } = saying;
  if (party?.role !== 'centre') {
    await standing(saying, header.body.hold);
    return;
  }
  const held = await holdAt(saying, header.body.hold);
  if (!held || held.until === null || held.until > instant)
    throw new Refusal('rule.broken', { at: '/body/hold' });
  if (held.ended !== null) throw new Refusal('hold.ended', { at: '/body/hold' });
};

/** A hold of the speaker's own. @throws hold.not-originator, target.unknown, hold.ended */
async function standing(saying: Saying<'hold.review/1' | 'hold.end/1'>, ref: StatementRef) {
  const held = await holdAt(saying, ref);
  if (ref.party !== saying.header.party) {
    // Who may see what is held may see the hold.
    const [target] = held ? await saying.readers.log.records([held.target]) : [];
    const about = target && { party: target.header.party, id: target.header.id };
    throw about ? await notOriginator(saying, about, '/body/hold') : unknown('/body/hold');
  }
  if (!held) throw unknown('/body/hold');
  if (held.ended !== null) throw new Refusal('hold.ended', { at: '/body/hold' });
  return held;
}

async function holdAt(
  { header, readers }: Saying<'hold.review/1' | 'hold.end/1'>,
  ref: StatementRef,
): Promise<HoldState | null> {
  const index = await readers.find(ref);
  const held = index === null ? null : await readers.hold(index);
  return held?.room === header.room ? held : null;
}

/** Another's. What the speaker's party may not see is as unknown as what is not there. */
async function notOriginator(saying: Saying, ref: StatementRef, at: string): Promise<Refusal> {
  const target = await seenBy(saying, ref);
  return target ? new Refusal('hold.not-originator', { at, concerns: [target.header.party] }) : unknown(at);
}

/** What of a share, said in the room of the header, the speaker's party may see; null: nothing. */
async function seenBy(
  { header, readers, instant }: Saying,
  ref: StatementRef,
): Promise<(StoredRecord & { readonly seen: ReadonlyMap<number, Instant> }) | null> {
  const index = await readers.find(ref);
  const [target] = index === null ? [] : await readers.log.records([index]);
  if (!target || target.header.room !== header.room) return null;
  const seen = await readers.reaches(header.party, target.index, instant);
  return seen.size > 0 ? { ...target, seen } : null;
}

/** What was taken back, and another hold has kept, is still there to be held. */
async function checkSomethingLeft(
  target: StoredRecord,
  named: readonly number[] | null,
  { readers }: Saying,
): Promise<void> {
  const count = target.header.parts?.count ?? 0;
  const wanted = named ?? Array.from({ length: count }, (_, n) => n);
  if (wanted.some((n) => n >= count))
    throw new Refusal('target.unknown', { at: '/body/parts', params: { count } });
  const numbers = wanted.map((n) => partNumber(target.index, n));
  const [taken, held] = [await readers.taken(numbers), await readers.held(numbers)];
  if (numbers.every((part) => taken.has(part) && !held.has(part)))
    throw new Refusal('target.recalled', { at: '/body/target' });
}

function checkTimes(review: string, until: string | null, instant: Instant): void {
  if (instantOf(review) <= instant)
    throw new Refusal('header.malformed', { at: '/body/review', detail: 'the review has come already' });
  if (until !== null && instantOf(until) <= instant)
    throw new Refusal('header.malformed', { at: '/body/until', detail: 'the end has come already' });
}

/** To the originator of what the asking party may see: a member, or who got it in another way. */
export const requestSubject: RuleOf<'subject.request/1'> = async (saying) => {
  const { header, instant } = saying;
  const { target: ref, parts, due } = header.body;
  if (ref.party === header.party)
    throw new Refusal('target.kind', { at: '/body/target', detail: 'it is your own: answer the person' });
  const target = await seenBy(saying, ref);
  if (!target) throw unknown('/body/target');
  if (!(parts ?? []).every((n) => target.seen.has(n))) throw unknown('/body/parts');
  if (instantOf(due) <= instant)
    throw new Refusal('header.malformed', { at: '/body/due', detail: 'the deadline has passed already' });
};

export const answerSubject: RuleOf<'subject.answer/1'> = async ({ header, readers }) => {
  const index = await readers.find(header.body.request);
  const request = index === null ? null : await readers.subjectRequest(index);
  if (request?.originator !== header.party || request.room !== header.room)
    throw new Refusal('answer.unasked', { at: '/body/request' });
  if (request.answer !== null) throw new Refusal('answer.given', { at: '/body/request' });
};

function unknown(at: string): Refusal {
  return new Refusal('target.unknown', { at });
}
