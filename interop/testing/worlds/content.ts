/** What is said and read: shares and corrections, taken back, passed on, asked for. */
import { millisecondsOf } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import { indicator } from '../../../server/testing/actor.ts';
import { bringing } from './files.ts';
import type { History } from './history.ts';
import { exposes, members, type Room, type Said } from './model.ts';
import type { Party } from './pair.ts';

/** Said in the second world alone, in every text: it may stand in no answer at all. */
export const secret = 'secret';
export const cases = ['case 7', 'case 8'];

export function textFor(h: History, by: Party, hidden: boolean): string {
  return `${hidden ? secret : 'word'} of ${by.name} ${h.steps.length}`;
}

export function object(h: History, by: Party, hidden: boolean, about: object = {}): object {
  const filed = h.dice.oneIn(4) ? { external_references: [reference(h)] } : {};
  const id = `identity--${h.dice.uuid()}`;
  return { ...indicator(textFor(h, by, hidden), { ...filed, ...about }), id };
}

function reference(h: History): object {
  return { source_name: 'case', external_id: h.dice.one(cases) };
}

/** Those whom a share may name: what stands in the second world alone is named there alone. */
function audience(h: History, room: Room, by: Party): Handling['to'] {
  const { dice } = h;
  const turn = dice.below(6);
  if (turn < 3) return 'room';
  if (turn === 3) return 'observers';
  const known = [...room.stands].filter(([, { state, hidden, as }]) => {
    return state === 'in' && as !== 'supervisor' && (!hidden || room.hidden);
  });
  const named = dice.some(
    known.map(([party]) => party.id),
    2,
  );
  if (!dice.oneIn(3)) return { parties: [...new Set([by.id, ...named])] };
  const others = named.filter((id) => id !== h.viewer.id);
  return { parties: [...new Set([by.id, ...others])] };
}

function someHandling(h: History, room: Room, by: Party): Handling {
  const { dice } = h;
  const purposes = room.stands.get(by)?.accepted?.terms.purposes ?? [];
  if (dice.oneIn(12) && purposes.includes('public-information'))
    return {
      ...{ to: 'public', purposes: ['public-information'], onward: 'ask', until: null },
      ...{ review: null, tlp: 'clear', personal: false },
    };
  return {
    to: audience(h, room, by),
    purposes: dice.oneIn(2) ? ['event-security'] : [dice.one(purposes)],
    onward: dice.one(['never', 'ask', 'room'] as const),
    until: null,
    review: null,
    tlp: 'amber',
    personal: dice.oneIn(5) ? [{ category: 'other', nature: 'fact' }] : false,
  };
}

export function someoneShares(h: History): boolean {
  const room = h.dice.pick(h.rooms);
  const speakers = room ? members(room) : [];
  if (!room || speakers.length === 0) return false;
  const by = h.dice.one(speakers);
  return shares(h, room, by, someHandling(h, room, by)) !== null;
}

interface Sharing {
  /** Left out: new ones. */
  readonly objects?: (hidden: boolean) => object[];
  /** The viewer learns of it, even where it sees nothing of it. */
  readonly shown?: boolean;
}

export function shares(
  h: History,
  room: Room,
  by: Party,
  how: Handling,
  { objects, shown = false }: Sharing = {},
): Said | null {
  const stand = room.stands.get(by);
  const past = stand?.accepted?.terms.past === true;
  const withheld = h.withheld.has(`${room.id} ${by.id}`);
  const exposed = by === h.viewer || exposes(h.viewer, room, how.to, past, withheld);
  const hidden = h.hide(!exposed && !shown, room.hidden || room.closed || stand?.hidden === true);
  if (hidden === null) return null;
  const beats = h.dice.oneIn(6) ? 1 + h.dice.below(12) : 0;
  const until = beats > 0 ? h.end(beats) : null;
  const device = deviceFor(h, by, hidden);
  const made = objects?.(hidden) ?? [0, 1].slice(h.dice.below(2)).map(() => object(h, by, hidden));
  const file = h.dice.oneIn(8) ? bringing(h, by, textFor(h, by, hidden)) : null;
  const parts = [...made.map((one) => h.part(one)), ...(file ? [file.part] : [])];
  const files = file ? { files: [{ n: made.length, size: file.bytes.length, type: 'text/plain' }] } : {};
  const ref = h.say(
    by,
    'share/1',
    (_, now) => {
      const ends = until === null ? null : millisecondsOf(now + (until - at));
      return { handling: { ...how, until: ends }, ...files };
    },
    {
      ...{ room, parts, hidden, device, words: describe(how) },
      ...(file ? { before: file.bring } : {}),
    },
  );
  const at = h.now;
  const one: Said = {
    ...{ ref, room, by, hidden, past, exposed, to: how.to, purposes: how.purposes, onward: how.onward },
    ...{ objects: made, count: parts.length, spoiled: false, gone: false },
  };
  h.said.push(one);
  return one;
}

function describe({ to, purposes, personal }: Handling): string {
  const named = typeof to === 'string' ? to : to.parties.map((id) => id.slice(0, 4)).join('+');
  return `to ${named} for ${purposes.join()}${personal ? ' personal' : ''}`;
}

/** What is said in both is said by devices that both know. */
function deviceFor(h: History, by: Party, hidden: boolean) {
  const own = h.devices.filter((one) => one.party === by && (hidden || !one.hidden));
  return h.dice.oneIn(3) ? (h.dice.pick(own)?.signer ?? by.desk) : by.desk;
}

/** A later version of one's own, under another handling: who had the old one is told, whoever the new one is for. */
export function someoneCorrects(h: History): boolean {
  const old = pickSaid(h, ({ objects }) => objects.length > 0);
  if (!old || !members(old.room).includes(old.by)) return false;
  const minute = String(h.steps.length % 60).padStart(2, '0');
  const modified = `2026-06-${10 + Math.floor(h.steps.length / 60)}T12:${minute}:00.000Z`;
  const made = (hidden: boolean) => [{ ...old.objects[0], name: textFor(h, old.by, hidden), modified }];
  const how = someHandling(h, old.room, old.by);
  return shares(h, old.room, old.by, how, { objects: made, shown: old.exposed }) !== null;
}

/** One that still stands, or may. */
export function pickSaid(h: History, wanted: (said: Said) => boolean = () => true): Said | undefined {
  return h.dice.pick(h.said.filter((one) => !one.gone && wanted(one)));
}

export const must = (said: Said): boolean => said.hidden || said.spoiled;

export function someoneRecalls(h: History): boolean {
  const said = pickSaid(h);
  if (!said) return false;
  const { dice } = h;
  const some = dice.oneIn(3) && said.to !== 'public';
  const others = [...h.cast.common, ...h.cast.hidden, h.viewer].filter((party) => party !== said.by);
  const from = some ? dice.some(others, 1 + dice.below(2)) : [];
  const concerns = some ? from.includes(h.viewer) : said.exposed;
  const hidden = h.hide(said.by !== h.viewer && !concerns, must(said));
  if (hidden === null) return false;
  const parts = dice.oneIn(2) ? null : [0];
  const body = {
    target: said.ref,
    parts,
    ...(some ? { from: from.map(({ id }) => id).sort() } : {}),
  };
  h.say(said.by, 'recall/1', body, { room: said.room, hidden, ...reason(h, said.by, hidden) });
  // What was taken back from some alone in one world is still there for the viewer in both.
  if (hidden && !(some && said.exposed)) said.spoiled = true;
  if (!some && parts === null) said.gone = true;
  return true;
}

export function reason(h: History, by: Party, hidden: boolean, always = false) {
  if (!always && h.dice.oneIn(2)) return {};
  const filed = h.dice.oneIn(3) ? { cases: [h.dice.one(cases)] } : {};
  return { parts: [h.part({ reason: textFor(h, by, hidden), ...filed })] };
}

export function someoneGrants(h: History): boolean {
  const { dice } = h;
  const ask = dice.oneIn(2) ? dice.pick(h.asks.filter(({ done }) => !done)) : undefined;
  const said = ask?.said ?? pickSaid(h, ({ to }) => to !== 'public');
  if (!said || said.gone || !members(said.room).includes(said.by)) return false;
  const to = ask?.other ?? dice.one([...h.cast.common, ...h.cast.hidden, h.viewer]);
  if (to === said.by) return false;
  const { room } = said;
  const asker = ask?.by ?? null;
  const seen = [to, said.by, asker].includes(h.viewer);
  const hidden = h.hide(!seen, must(said) || room.closed || ask?.hidden === true);
  if (hidden === null || (to === h.viewer && !room.mixed)) return false;
  const { hash } = room.offered;
  const purposes = [...said.purposes];
  const parts = dice.oneIn(2) ? null : [0];
  const about = { parts, to: to.id, purposes, terms: hash, ask: ask?.ref ?? null };
  h.say(said.by, 'grant/1', { target: said.ref, ...about }, { room, hidden, words: `to ${to.name}` });
  if (ask) ask.done = true;
  if (to === h.viewer) said.exposed = true;
  return true;
}

export function someoneAsks(h: History): boolean {
  const said = pickSaid(h);
  if (!said) return false;
  const by = h.dice.pick(members(said.room).filter((party) => party !== said.by));
  const to = h.dice.one([...h.cast.common, ...h.cast.hidden]);
  if (!by || to === said.by) return false;
  const shown = said.room.stands.get(by)?.hidden === true;
  const hidden = h.hide(by !== h.viewer && said.by !== h.viewer, must(said) || said.room.closed || shown);
  if (hidden === null) return false;
  const body = { target: said.ref, parts: null, to: to.id, purposes: [...said.purposes] };
  const { room } = said;
  const ref = h.say(by, 'ask/1', body, { room, hidden, ...reason(h, by, hidden) });
  h.asks.push({ ref, room, by, other: to, said, hidden, done: false });
  return true;
}

export function someoneDenies(h: History): boolean {
  const ask = h.dice.pick(h.asks.filter(({ done }) => !done));
  if (!ask?.said) return false;
  const { by } = ask.said;
  const hidden = h.hide(by !== h.viewer && ask.by !== h.viewer, ask.hidden);
  if (hidden === null) return false;
  h.say(by, 'deny/1', { ask: ask.ref }, { room: ask.room, hidden, ...reason(h, by, hidden) });
  ask.done = true;
  return true;
}
