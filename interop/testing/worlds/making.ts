/** A history as a whole: how it begins, so that the viewer stands everywhere as everything, and what goes on by chance. */
import type { Signer } from '@parley/core/statement.ts';
import {
  someoneAsks,
  someoneCorrects,
  someoneDenies,
  someoneGrants,
  someoneRecalls,
  someoneShares,
} from './content.ts';
import { Dice } from './dice.ts';
import { someoneAnswersNotice, someoneReads, someoneTries, timeGoesBy } from './doings.ts';
import { History } from './history.ts';
import { connect, enrol, type HeldConnector, someoneArranges, someoneEnrols, someoneFounds } from './keys.ts';
import { aPersonAsks, someoneComplains, someoneHolds, someoneUndertook } from './law.ts';
import type { Room } from './model.ts';
import { type Cast, type Party, second } from './pair.ts';
import { accept, invite, newTerms, openRoom, someoneGoes, someoneJoins } from './standing.ts';

/** What may come next, the likely ones more than once. */
const doings: readonly ((h: History) => boolean)[] = [
  ...Array<(h: History) => boolean>(8).fill(someoneShares),
  ...Array<(h: History) => boolean>(3).fill(someoneRecalls),
  ...Array<(h: History) => boolean>(3).fill(someoneGrants),
  ...Array<(h: History) => boolean>(3).fill(someoneReads),
  ...Array<(h: History) => boolean>(3).fill(someoneJoins),
  ...Array<(h: History) => boolean>(2).fill(someoneGoes),
  ...Array<(h: History) => boolean>(2).fill(someoneCorrects),
  ...Array<(h: History) => boolean>(2).fill(someoneHolds),
  ...Array<(h: History) => boolean>(2).fill(someoneComplains),
  ...Array<(h: History) => boolean>(2).fill(someoneUndertook),
  ...[someoneAsks, someoneDenies, newTerms, aPersonAsks, someoneAnswersNotice, someoneTries],
  ...[someoneEnrols, someoneArranges, someoneFounds, timeGoesBy],
];

/**
 * Who reads within ten minutes of a recall or a correction is told of it by the next round, whenever that comes. What
 * viewers read is read after it, so that no time of the machine shows.
 */
export const quiet = 11 * 60 * second;

/** The viewer's further devices and connectors. */
export interface Viewing {
  readonly limited: Signer;
  readonly impersonal: Signer;
  readonly revoked: Signer;
  readonly feed: HeldConnector;
  readonly writer: HeldConnector;
  /** Where the writer may write. */
  readonly room: Room;
}

export interface Made {
  readonly history: History;
  readonly viewing: Viewing;
  /** The last step of how it begins, and the one after which everybody looks for the first time. */
  readonly begun: number;
  readonly middle: number;
}

/** A history in which nothing is hidden shows nothing: it goes on until so many steps are. */
const hiddenAtLeast = 3;

/** @param most steps by chance: at least half as many are taken */
export function makeHistory(seed: number, cast: Cast, viewer: Party, most: number): Made {
  const h = new History(new Dice(seed), cast, viewer);
  const own = begins(h);
  const viewing = views(h, own);
  const begun = h.steps.length - 1;
  let middle = begun;
  const length = most - h.dice.below(Math.floor(most / 2) + 1);
  for (let left = length; left > 0 || hiddenIn(h) < hiddenAtLeast; left--) {
    if (left === Math.floor(length * 0.4)) {
      middle = h.steps.length - 1;
      h.wait(quiet + 60 * second);
    }
    const before = h.steps.length;
    for (let tries = 0; h.steps.length === before && tries < 50; tries++) h.dice.one(doings)(h);
  }
  h.say(viewer, 'device.revoke/1', { device: viewing.revoked.device }, { hidden: false });
  return { history: h, viewing, begun, middle };
}

function hiddenIn({ steps }: History): number {
  return steps.filter(({ hidden }) => hidden).length;
}

/** Three rooms in which the viewer stands, as this and that, and one with which it has nothing to do. */
function begins(h: History): Room {
  const { dice, cast, viewer } = h;
  const [anna, bert] = cast.common as [Party, Party];
  const both = { mixed: true, hidden: false };
  const first = openRoom(h, { owner: anna, ...both, supervisor: dice.oneIn(3) ? viewer.id : null });
  const second = openRoom(h, { owner: dice.oneIn(3) ? viewer : bert, ...both, ...watched(h) });
  const apart = openRoom(h, { owner: dice.one([...cast.hidden, anna]), mixed: false, hidden: dice.oneIn(2) });
  for (const room of [first, second]) {
    const stands = room.owner === viewer ? null : roleIn(h, room);
    const joining: (Party | null)[] = [anna, bert, stands && viewer];
    for (const party of joining)
      if (party && party !== room.owner) {
        invite(h, room, party, party === viewer && stands ? stands : 'member', false);
        accept(h, room, party, false);
      }
    if (room.offered.terms.supervisor === cast.watcher.id) {
      invite(h, room, cast.watcher, 'supervisor', false);
      accept(h, room, cast.watcher, false);
    }
  }
  for (const party of cast.hidden.slice(0, 2))
    if (party !== apart.owner) {
      invite(h, apart, party, 'member', apart.hidden);
      accept(h, apart, party, apart.hidden);
    }
  return dice.one([first, second].filter((room) => room.stands.get(viewer)?.state === 'in'));
}

function watched(h: History): { supervisor?: string } {
  return h.dice.oneIn(3) ? { supervisor: h.cast.watcher.id } : {};
}

function roleIn(h: History, room: Room) {
  if (room.offered.terms.supervisor === h.viewer.id) return 'supervisor';
  return h.dice.oneIn(3) ? 'observer' : 'member';
}

function views(h: History, room: Room): Viewing {
  const { viewer } = h;
  const rooms = [room.id];
  const handling = {
    ...{ to: 'room', purposes: ['event-security'], onward: 'ask', until: null },
    ...{ review: null, tlp: 'amber', personal: false },
  };
  return {
    limited: enrol(h, viewer, { rights: ['read'], rooms }, false),
    impersonal: enrol(h, viewer, { rights: ['read'], personal: false }, false),
    revoked: enrol(h, viewer, { rights: ['read'] }, false),
    feed: connect(h, viewer, { rooms, handling: null, justification: 'case 7' }, false),
    writer: connect(h, viewer, { rooms, handling }, false),
    room,
  };
}
