/** What is held, asked by persons, complained of, looked into, and what was undertaken. */
import { millisecondsOf } from '@parley/core/fields.ts';
import { must, pickSaid, reason } from './content.ts';
import type { History } from './history.ts';
import { members, type Open, type Room } from './model.ts';
import { hour, type Party, second } from './pair.ts';

const standing = (open: readonly Open[]) => open.filter(({ done }) => !done);

/** Whoever may see the target sees the hold. */
export function someoneHolds(h: History): boolean {
  const old = h.dice.oneIn(2) ? h.dice.pick(standing(h.holds)) : undefined;
  if (old?.said) return endsOrReviews(h, old);
  const said = pickSaid(h);
  if (!said) return false;
  const hidden = h.hide(said.by !== h.viewer && !said.exposed, must(said));
  if (hidden === null) return false;
  const { room, by } = said;
  const end = h.dice.oneIn(3) ? h.end(2 + h.dice.below(10)) : null;
  const body = (_: unknown, now: number) => ({
    ...{ target: said.ref, parts: null, basis: 'court-order' },
    review: millisecondsOf(now + second),
    until: end === null ? null : millisecondsOf(now + (end - at)),
  });
  const ref = h.say(by, 'hold/1', body, { room, hidden, ...reason(h, by, hidden) });
  const at = h.now;
  if (hidden) said.spoiled = true;
  h.holds.push({ ref, room, by, other: null, said, hidden, done: false });
  return true;
}

function endsOrReviews(h: History, old: Open): boolean {
  const { said, room, by } = old;
  if (!said) return false;
  const hidden = h.hide(by !== h.viewer && !said.exposed, must(said) || old.hidden);
  if (hidden === null) return false;
  if (h.dice.oneIn(2)) {
    const body = (_: unknown, now: number) => ({
      ...{ hold: old.ref, review: millisecondsOf(now + hour), until: null },
    });
    h.say(by, 'hold.review/1', body, { room, hidden });
  } else {
    h.say(by, 'hold.end/1', { hold: old.ref }, { room, hidden, ...reason(h, by, hidden) });
    old.done = true;
  }
  if (hidden) said.spoiled = true;
  return true;
}

/** It is between the two. */
export function aPersonAsks(h: History): boolean {
  const old = h.dice.oneIn(2) ? h.dice.pick(standing(h.requests)) : undefined;
  if (old?.other) return answers(h, old, old.other);
  const said = pickSaid(h);
  if (!said) return false;
  const by = h.dice.pick(members(said.room, ['member', 'observer']).filter((party) => party !== said.by));
  if (!by) return false;
  const stands = said.room.stands.get(by)?.hidden === true || said.room.closed;
  const hidden = h.hide(by !== h.viewer && said.by !== h.viewer, must(said) || stands);
  if (hidden === null) return false;
  const body = (_: unknown, now: number) => ({
    ...{ target: said.ref, parts: null, request: 'erasure', due: millisecondsOf(now + hour) },
  });
  const { room } = said;
  const ref = h.say(by, 'subject.request/1', body, { room, hidden, ...reason(h, by, hidden, true) });
  h.requests.push({ ref, room, by, other: said.by, said, hidden, done: false });
  return true;
}

function answers(h: History, old: Open, by: Party): boolean {
  const hidden = h.hide(by !== h.viewer && old.by !== h.viewer, old.hidden);
  if (hidden === null) return false;
  const body = { request: old.ref, answer: 'refused', basis: 'accurate' };
  h.say(by, 'subject.answer/1', body, { room: old.room, hidden, ...reason(h, by, hidden) });
  old.done = true;
  return true;
}

/** Who supervises the room now, in both worlds. */
function supervisorOf(room: Room): Party | null {
  const [party] = members(room, ['supervisor']);
  return party && room.offered.terms.supervisor === party.id ? party : null;
}

export function someoneComplains(h: History): boolean {
  const old = h.dice.oneIn(2) ? h.dice.pick(standing(h.complaints)) : undefined;
  if (old) return h.dice.oneIn(2) ? looksInto(h, old) : decides(h, old);
  const room = h.dice.pick(h.rooms);
  if (!room) return false;
  const by = h.dice.pick(members(room, ['member', 'observer']));
  const about = h.dice.pick(members(room).filter((party) => party !== by));
  if (!by || !about) return false;
  const said = h.dice.oneIn(2) ? (pickSaid(h, (one) => one.room === room) ?? null) : null;
  const seen = [by, about, supervisorOf(room)].includes(h.viewer) || said?.by === h.viewer;
  const stands = [by, about].some((party) => room.stands.get(party)?.hidden);
  const hidden = h.hide(!seen, room.closed || stands || (said !== null && must(said)));
  if (hidden === null) return false;
  const body = { about: about.id, statement: said?.ref ?? null };
  const about_ = { room, hidden, words: `about ${about.name}`, ...reason(h, by, hidden, true) };
  const ref = h.say(by, 'complaint.lodge/1', body, about_);
  h.complaints.push({ ref, room, by, other: about, said, hidden, done: false });
  return true;
}

function decides(h: History, old: Open): boolean {
  const { room, other } = old;
  const supervisor = supervisorOf(room);
  const by = supervisor && h.dice.oneIn(2) ? supervisor : other;
  if (!by) return false;
  const seen = [by, old.by, other, supervisor].includes(h.viewer);
  // Who supervised when it was lodged sees the answers, too.
  const hidden = h.hide(!seen && !room.watched, old.hidden || room.closed);
  if (hidden === null) return false;
  const body = { complaint: old.ref, verdict: h.dice.one(['upheld', 'rejected', 'answered']) };
  h.say(by, 'complaint.answer/1', body, { room, hidden, ...reason(h, by, hidden, true) });
  if (by === supervisor) old.done = true;
  return true;
}

/** The content becomes readable to who supervises, and to nobody else. */
function looksInto(h: History, old: Open): boolean {
  const { room, other } = old;
  const by = supervisorOf(room);
  const said = old.said ?? pickSaid(h, (one) => one.room === room && one.by === other);
  if (!by || !said || said.gone) return false;
  const seen = [by, old.by, other, said.by].includes(h.viewer) || room.watched;
  const hidden = h.hide(!seen, old.hidden || must(said) || room.closed);
  if (hidden === null) return false;
  const body = (_: unknown, now: number) => ({
    ...{ complaint: old.ref, target: said.ref, parts: null, until: millisecondsOf(now + hour) },
  });
  h.say(by, 'supervision.open/1', body, { room, hidden });
  if (by === h.viewer) said.exposed = true;
  return true;
}

/** Members learn of it, whom it is about, and the owner. */
export function someoneUndertook(h: History): boolean {
  const room = h.dice.pick(h.rooms);
  if (!room) return false;
  const by = h.dice.pick(members(room, ['member', 'observer']));
  const other = h.dice.pick(members(room).filter((party) => party !== by));
  const terms = by && room.stands.get(by)?.accepted;
  if (!by || !other || !terms) return false;
  const viewer = room.stands.get(h.viewer);
  const asMember = viewer?.as === 'member' && viewer.state === 'in';
  const seen = [by, other, room.owner].includes(h.viewer);
  const can = !room.mixed || room.closed || !(seen || asMember || terms.terms.past);
  const stands = [by, other].some((party) => room.stands.get(party)?.hidden);
  const hides = (more: boolean) => h.hide(can, room.hidden || room.closed || stands || more);
  const cause = h.dice.pick(standing(h.broken).filter((one) => one.room === room && one.by === by));
  if (cause && !h.dice.oneIn(3)) return suspends(h, cause, hides(cause.hidden));
  const hidden = hides(false);
  if (hidden === null) return false;
  const body = { undertaking: 'report', by: other.id, terms: terms.hash, state: 'broken', evidence: [] };
  const about = { room, hidden, words: `of ${other.name}`, ...reason(h, by, hidden) };
  const ref = h.say(by, 'undertaking.state/1', body, about);
  // The last word replaces those before it.
  for (const one of h.broken) if (one.by === by && one.other === other && one.room === room) one.done = true;
  // Of whom the roster does not show it cannot be said.
  if (other === room.owner || room.stands.get(other)?.accepted?.terms.roster)
    h.broken.push({ ref, room, by, other, said: null, hidden, done: false, id: 'report' });
  return true;
}

/** What the party shares is withheld from the other side from now on: here for good, so that more can be hidden. */
function suspends(h: History, cause: Open, hidden: boolean | null): boolean {
  const { room, by, other } = cause;
  const concerns = other === h.viewer;
  if (hidden === null || !other || (hidden && concerns) || room.stands.get(by)?.as !== 'member') return false;
  if (h.withheld.has(`${room.id} ${by.id}`)) return false;
  const body = { undertaking: 'routes', because: cause.ref, from: other.id };
  h.say(by, 'undertaking.suspend/1', body, { room, hidden, must: concerns, words: `from ${other.name}` });
  if (concerns) h.withheld.add(`${room.id} ${by.id}`);
  return true;
}
