/** Taking back, asking, granting, answering. */
import { Refusal } from '@parley/core/errors.ts';
import { instantOf, type StatementRef } from '@parley/core/fields.ts';
import { isErasable } from '@parley/core/kinds.ts';
import { partNumber } from '@parley/core/parts.ts';
import { handlingOf } from '@parley/core/statement.ts';
import type { StoredRecord } from '../log/ports.ts';
import { checkAccredited } from './accreditation.ts';
import type { Readers, RoomState } from './readers.ts';
import { checkPartsLeft, memberOf, ownTarget, type RuleOf, type Saying, sameRoom } from './said.ts';
import { foreignIn, maxStreams } from './shares.ts';

/** An author takes back its own, also after it has left the room. */
export const recall: RuleOf<'recall/1'> = async (saying) => {
  const target = await ownTarget(saying, saying.header.body.target);
  const erasable = isErasable(target.header.kind) && target.header.parts !== undefined;
  if (!erasable) throw new Refusal('target.kind', { at: '/body/target', detail: target.header.kind });
  sameRoom(saying, target);
  const { parts, from } = saying.header.body;
  if (from !== undefined) await checkFrom(saying, target, from);
  await checkPartsLeft(target, parts, saying.readers);
};

/**
 * From some only, what is content. Whether they had it is not asked: the answer would tell who is in.
 * @throws target.kind, party.unknown, target.recalled (from all of them, and not passed on since)
 */
async function checkFrom(
  { header, readers }: Saying<'recall/1'>,
  target: StoredRecord,
  from: readonly string[],
): Promise<void> {
  const to = handlingOf(target.header)?.to;
  if (to === undefined || to === 'public')
    throw new Refusal('target.kind', {
      at: '/body/from',
      detail:
        to === 'public' ? 'it is public: take it back from all' : 'only content is taken back from some',
    });
  const count = target.header.parts?.count ?? 0;
  const named = header.body.parts ?? Array.from({ length: count }, (_, n) => n);
  const numbers = named.map((n) => partNumber(target.index, n));
  const taken = await readers.taken(numbers);
  let left = false;
  for (const [i, id] of from.entries()) {
    const party = await readers.party(id);
    if (!party || party.role === 'centre' || id === header.party)
      throw new Refusal('party.unknown', { at: `/body/from/${i}` });
    const withheld = await readers.withheld(party.no, numbers);
    left ||= numbers.some((part) => !taken.has(part) && !withheld.has(part));
  }
  if (!left && taken.size < numbers.length) throw new Refusal('target.recalled', { at: '/body/from' });
}

export const ask: RuleOf<'ask/1'> = async (saying) => {
  const { header, instant, readers } = saying;
  const { target: ref, parts, purposes } = header.body;
  await memberOf(saying);
  if (ref.party === header.party)
    throw new Refusal('target.kind', { at: '/body/target', detail: 'it is your own: grant it' });
  const index = await readers.find(ref);
  const [target] = index === null ? [] : await readers.log.records([index]);
  const handling = target ? handlingOf(target.header) : undefined;
  // One answer for what is not there, was taken back, or may not be seen by the asker.
  if (!target || !handling || target.header.room !== header.room)
    throw new Refusal('target.unknown', { at: '/body/target' });
  const seen = await readers.reaches(header.party, target.index, instant);
  if (seen.size === 0) throw new Refusal('target.unknown', { at: '/body/target' });
  if (!(parts ?? []).every((n) => seen.has(n))) throw new Refusal('target.unknown', { at: '/body/parts' });
  if (handling.onward === 'never')
    throw new Refusal('handling.onward', { at: '/body/target', detail: 'its handling says never' });
  await checkAccredited(handling, '/body/target', readers);
  if (!purposes.every((id) => handling.purposes.includes(id)))
    throw new Refusal('grant.wider', { at: '/body/purposes' });
};

/** A member: who has left says nothing more but recalls and answers, and knows no later terms. */
export const grant: RuleOf<'grant/1'> = async (saying) => {
  const { header, readers } = saying;
  const { to, purposes, terms, parts } = header.body;
  const { room } = await memberOf(saying);
  const target = await ownTarget(saying, header.body.target);
  sameRoom(saying, target);
  const handling = handlingOf(target.header);
  if (!handling)
    throw new Refusal('target.kind', { at: '/body/target', detail: 'only what was shared is passed on' });
  await checkAccredited(handling, '/body/target', readers);
  const recipient = await readers.party(to);
  if (!recipient || recipient.role === 'centre' || to === header.party)
    throw new Refusal('party.unknown', { at: '/body/to' });
  if (!purposes.every((id) => handling.purposes.includes(id)))
    throw new Refusal('grant.wider', { at: '/body/purposes' });
  if (room.terms.hash !== terms) throw new Refusal('terms.other', { at: '/body/terms' });
  await checkPartsLeft(target, parts, readers);
  await checkCopies(saying, room, target.index);
  if (header.body.ask) {
    const request = await openAsk(header.body.ask, header, readers);
    if (request.target !== target.index || request.to !== to)
      throw new Refusal('answer.unasked', { at: '/body/ask' });
  }
  return {
    granted: parts === null ? (target.header.parts?.count ?? 0) : parts.length,
    held: await readers.holdsOn(target.index),
  };
};

/** One's own copy of what another shared under a narrower handling opens no way around it. */
async function checkCopies(saying: Saying<'grant/1'>, room: RoomState, index: number): Promise<void> {
  const { party, readers } = saying;
  if ((await readers.streamsBy(room.no, party?.no ?? 0)) >= 2 * maxStreams)
    throw new Refusal('room.streams', { params: { limit: 2 * maxStreams } });
  const ids = (await readers.objectsIn(index)).map(({ id }) => id);
  const known = ids.length > 0 ? await readers.objects([...new Set(ids)]) : [];
  // Whether the recipient sees the original already is not asked: the answer would tell who is in.
  const allowed = async (original: number) => {
    const [record] = await readers.log.records([original]);
    return record !== undefined && handlingOf(record.header)?.to === 'public';
  };
  if (await foreignIn(saying, known, allowed, room))
    throw new Refusal('handling.onward', {
      at: '/body/target',
      detail: 'another party shared an object in it: ask it',
    });
}

export const deny: RuleOf<'deny/1'> = async ({ header, readers }) => {
  await openAsk(header.body.ask, header, readers);
};

/** In the room of the answer: a record that names a room must not name one that is not there. */
async function openAsk(
  ref: StatementRef,
  { party, room }: { readonly party: string; readonly room?: string },
  readers: Readers,
) {
  const index = await readers.find(ref);
  const request = index === null ? null : await readers.ask(index);
  if (request?.originator !== party || request.room !== room)
    throw new Refusal('answer.unasked', { at: '/body/ask' });
  if (request.state !== 'open') throw new Refusal('answer.given', { at: '/body/ask' });
  return request;
}

export const acknowledge: RuleOf<'ack/1'> = async ({ header, instant, readers }) => {
  const index = await readers.find(header.body.notice);
  const notice = index === null ? null : await readers.notice(index);
  if (notice?.party !== header.party || notice.room !== header.room)
    throw new Refusal('answer.unasked', { at: '/body/notice' });
  if (notice.answer !== null) throw new Refusal('answer.given', { at: '/body/notice' });
  const { until } = header.body;
  if (until !== null && instantOf(until) <= instant)
    throw new Refusal('header.malformed', { at: '/body/until', detail: 'the end has come already' });
};
