/**
 * What a viewer says that names what it may not know: refused alike, whether it is there or not, or taken alike. Each
 * is said in both worlds, and both answers are compared.
 */
import { millisecondsOf, type StatementRef } from '@parley/core/fields.ts';
import { formatPart, type Part } from '@parley/core/parts.ts';
import { envelopeJson } from '@parley/core/statement.ts';
import { handling } from '../../../server/testing/actor.ts';
import type { Door } from './door.ts';
import { type History, sign } from './history.ts';
import type { Room, Said } from './model.ts';
import { hour } from './pair.ts';

export interface Probe {
  readonly kind: string;
  readonly room: Room | null;
  readonly body: object;
  readonly parts: readonly Part[];
  readonly id: string;
}

/** By chance, about what is hidden, mostly; in rooms of the viewer and in others. */
export function someProbes(h: History, now: number, many: number): Probe[] {
  const { dice, viewer } = h;
  const hidden = h.refs.filter((one) => one.hidden).map(({ ref }) => ref);
  const targets = hidden.length > 0 ? hidden : h.refs.map(({ ref }) => ref);
  const own = h.rooms.filter(({ stands }) => stands.has(viewer));
  return Array.from({ length: many }, () => {
    const said = dice.pick(h.said.filter((one) => one.hidden));
    const room = dice.oneIn(4) ? dice.one(h.rooms) : dice.one(own);
    const target = said && dice.oneIn(2) ? said.ref : dice.one(targets);
    return probe(h, now, { said, room: said && dice.oneIn(2) ? said.room : room, target });
  });
}

interface About {
  readonly said: Said | undefined;
  readonly room: Room;
  readonly target: StatementRef;
}

function probe(h: History, now: number, { said, room, target }: About): Probe {
  const { dice, cast } = h;
  const reason = h.part({ reason: 'a probe' });
  const soon = millisecondsOf(now + hour);
  const all = { target, parts: null };
  const someone = dice.one([...cast.hidden, ...cast.common]).id;
  const object = said?.objects[0] ?? { type: 'nothing' };
  const to = dice.oneIn(2) ? ('room' as const) : { parties: [h.viewer.id, someone] };
  const terms = room.stands.get(h.viewer)?.accepted?.hash ?? room.offered.hash;
  const purposes = ['event-security'];
  const makers: readonly (() => Omit<Probe, 'id' | 'room'>)[] = [
    () => ({ kind: 'recall/1', body: all, parts: [] }),
    () => ({ kind: 'ask/1', body: { ...all, to: someone, purposes }, parts: [] }),
    () => ({ kind: 'grant/1', body: { ...all, to: someone, purposes, terms, ask: null }, parts: [] }),
    () => ({ kind: 'grant/1', body: { ...all, to: someone, purposes, terms, ask: target }, parts: [] }),
    () => ({ kind: 'deny/1', body: { ask: target }, parts: [] }),
    () => ({ kind: 'hold/1', body: { ...all, basis: 'court-order', review: soon, until: null }, parts: [] }),
    () => ({ kind: 'hold.end/1', body: { hold: target }, parts: [] }),
    () => ({ kind: 'subject.request/1', body: { ...all, request: 'access', due: soon }, parts: [reason] }),
    () => ({ kind: 'subject.answer/1', body: { request: target, answer: 'done', basis: null }, parts: [] }),
    () => ({ kind: 'complaint.lodge/1', body: { about: someone, statement: target }, parts: [reason] }),
    () => ({ kind: 'complaint.lodge/1', body: { about: target.party, statement: target }, parts: [reason] }),
    () => ({ kind: 'complaint.answer/1', body: { complaint: target, verdict: 'upheld' }, parts: [reason] }),
    () => ({
      kind: 'undertaking.state/1',
      body: { undertaking: 'report', by: someone, terms, state: 'broken', evidence: [target] },
      parts: [],
    }),
    () => ({ kind: 'undertaking.state/1', body: stated(someone, terms), parts: [] }),
    () => ({
      kind: 'undertaking.suspend/1',
      body: { undertaking: 'routes', because: target, from: someone },
      parts: [],
    }),
    () => ({
      kind: 'ack/1',
      body: { notice: target, answer: 'unreachable', basis: null, until: null },
      parts: [],
    }),
    () => ({ kind: 'share/1', body: { handling: { ...handling, to } }, parts: [h.part(object)] }),
    () => ({
      kind: 'share/1',
      body: { handling: { ...handling, to: 'observers' } },
      parts: [h.part(object)],
    }),
    () => ({ kind: 'room.remove/1', body: { party: someone }, parts: [] }),
    () => ({ kind: 'room.accept/1', body: { terms: room.offered.hash }, parts: [] }),
  ];
  // Of what an open complaint lets it look into, who supervises may see more: that is no probe.
  const opening = { complaint: target, target, parts: null, until: soon };
  const more = room.watched ? [] : [() => ({ kind: 'supervision.open/1', body: opening, parts: [] })];
  const made = dice.one([...makers, ...more])();
  const id = dice.oneIn(4) ? target.id : dice.uuid();
  return { ...made, room, id };
}

function stated(by: string, terms: string): object {
  return { undertaking: 'report', by, terms, state: 'holds', evidence: [] };
}

/** The lines that stand for it: signed once. */
export async function linesOf(h: History, one: Probe, door: Door, now: number): Promise<string> {
  const { kind, room, body, parts, id } = one;
  const { viewer } = h;
  const header = { kind, room: room?.id, id, party: viewer.id, device: viewer.desk.device, body };
  const { envelope } = await sign(header, viewer.desk, parts, door.side, now);
  return [
    JSON.stringify(envelopeJson(envelope)),
    ...parts.map((part) => Buffer.from(formatPart(part)).toString()),
  ].join('\n');
}
