/** What parties do besides saying something: they read, try what they may not, answer notices, and time goes by. */
import { isA, refOf, type Statement } from '@parley/core/statement.ts';
import { handling } from '../../../server/testing/actor.ts';
import { must, object, pickSaid, reason } from './content.ts';
import { type History, outcomeOf, sign } from './history.ts';
import { members } from './model.ts';
import { hour, type Party, type Side } from './pair.ts';

/** A session of a party that others are: it opens what a justification opens. */
async function sessionOf(side: Side, party: Party, purpose: string): Promise<string> {
  const { journals, now } = side.world.centre;
  const about = { party: party.id, device: party.desk.device, purpose, justification: 'duty' };
  return journals.sessions.open({ ...about, now: now(), ttl: hour });
}

/** The author sees who read; who supervises sees what its parties read. */
export function someoneReads(h: History): boolean {
  const said = pickSaid(h);
  if (!said) return false;
  const { dice } = h;
  const by = dice.pick(members(said.room, ['member', 'observer']).filter((party) => party !== said.by));
  if (!by || by === h.viewer) return false;
  const stands = said.room.stands.get(by)?.hidden === true;
  const can = said.by !== h.viewer && !said.room.watched;
  const hidden = h.hide(can, must(said) || said.room.closed || stands);
  if (hidden === null) return false;
  const purpose = dice.one(said.purposes);
  const { party, id } = said.ref;
  // Of what has ended, who had it sees that it was: so a read that is hidden shows in what this party is answered later,
  // which is nothing to the viewer unless it is told who reads.
  const told = said.by === h.viewer || said.room.watched;
  h.add({
    label: `${by.name} reads what ${said.by.name} said in ${said.room.name}`,
    hidden,
    must: false,
    run: async (side) => {
      const token = await sessionOf(side, by, purpose.startsWith('x-') ? 'event-security' : purpose);
      const headers = { authorization: `Bearer ${token}` };
      const answer = await side.app.inject({ url: `/api/v1/statements/${party}/${id}`, headers });
      return told ? String(answer.statusCode) : 'asked';
    },
  });
  return true;
}

/** Refused, mostly; the author may be told of an attempt. */
export function someoneTries(h: History): boolean {
  const { dice, cast } = h;
  const by = dice.one([...cast.common, ...cast.hidden, cast.outsider]);
  const said = pickSaid(h, (one) => one.by !== by && one.by !== h.viewer);
  if (!said) return false;
  const hidden = true;
  const { room, ref } = said;
  const turn = dice.below(3);
  // Whom it concerns is told: never the viewer, which says nothing here and supervises nothing.
  if (turn === 0) h.say(by, 'recall/1', { target: ref, parts: null }, { room, hidden });
  else if (turn === 1)
    h.say(by, 'room.remove/1', { party: dice.one(cast.hidden).id }, { room, hidden, words: 'not its room' });
  else
    h.say(
      cast.outsider,
      'share/1',
      { handling },
      { room, hidden, parts: [h.part(object(h, cast.outsider, hidden))], words: 'not its room' },
    );
  return true;
}

/**
 * Answers the oldest notice that waits; the originator sees the answer. Hidden parties answer in the second world
 * alone, and never the viewer; others in both.
 */
export function someoneAnswersNotice(h: History): boolean {
  const { dice, cast } = h;
  const by = dice.one([...cast.common, ...cast.hidden, h.viewer]);
  const hidden = cast.hidden.includes(by);
  const header = { kind: 'ack/1', id: dice.uuid(), party: by.id, device: by.desk.device };
  h.refs.push({ ref: { party: by.id, id: header.id }, hidden, kind: 'ack/1' });
  const { parts = [] } = reason(h, by, hidden);
  let signed: Statement | null = null;
  let looked = false;
  h.add({
    label: `${by.name} ack/1`,
    hidden,
    must: false,
    run: async (side, now) => {
      const found = looked ? null : await waitingNotice(side, by, hidden ? h.viewer : null);
      looked = true;
      if (!signed && !found) return 'nothing to say';
      const body = { notice: found?.notice, answer: 'destroyed', basis: null, until: null };
      signed ??= await sign({ ...header, room: found?.room, body }, by.desk, parts, side, now);
      return outcomeOf(side.world.centre.submit(signed, parts));
    },
  });
  return true;
}

/** @param spare whose statements are left alone: the answer would be shown to it */
async function waitingNotice({ world }: Side, by: Party, spare: Party | null) {
  const records = await world.centre.read(async (_, { log }) => log.range(0, (await log.head())?.size ?? 0));
  const headers = records.map(({ header }) => header);
  const answered = new Set(headers.flatMap((one) => (isA(one, 'ack/1') ? [one.body.notice.id] : [])));
  for (const header of headers)
    if (isA(header, 'notice/1') && header.body.to === by.id && header.body.target.party !== spare?.id)
      if (!answered.has(header.id)) return { notice: refOf(header), room: header.room ?? '' };
  return null;
}

export function timeGoesBy(h: History): boolean {
  h.wait(h.dice.one([60, 600, 3_600]) * 1_000_000);
  return true;
}
