/** Taking back, asking, granting, answering. */
import { Refusal } from '@parley/core/errors.ts';
import { instantOf, type StatementRef } from '@parley/core/fields.ts';
import { kinds } from '@parley/core/kinds.ts';
import { handlingOf } from '@parley/core/statement.ts';
import type { Readers, RoomState } from './readers.ts';
import { checkPartsLeft, memberOf, ownTarget, type RuleOf, type Saying, sameRoom } from './said.ts';
import { foreignIn, maxStreams } from './shares.ts';

/** An author takes back its own, also after it has left the room. */
export const recall: RuleOf<'recall/1'> = async (saying) => {
  const target = await ownTarget(saying, saying.header.body.target);
  const shape = kinds[target.header.kind].parts;
  const erasable =
    shape === 'stix' ||
    (typeof shape === 'object' && 'optional' in shape && target.header.parts !== undefined);
  if (!erasable) throw new Refusal('target.kind', { at: '/body/target', detail: target.header.kind });
  sameRoom(saying, target);
  await checkPartsLeft(target, saying.header.body.parts, saying.readers);
};

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
