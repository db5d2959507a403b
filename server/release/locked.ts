/** What another purpose or a justification would open: originator, type and number, and nothing else. */

import { roomOpening } from './content.ts';
import type { Released } from './released.ts';
import { released } from './released.ts';
import type { Sources, Tally } from './sources.ts';
import type { Closed } from './streams.ts';
import { type Look, look, type Viewer } from './viewer.ts';

export interface Locked {
  readonly party: string;
  readonly type: string;
  readonly count: number;
  /** One of the purposes (none: the session's is right), and whether a justification is missing. */
  readonly needs: { readonly purposes: readonly string[]; readonly justification: boolean };
}

/** @throws absent */
export async function releaseLocked(
  viewer: Viewer,
  room: string,
  sources: Sources,
): Promise<Released<{ locked: readonly Locked[] }>> {
  const look_ = await look(viewer, sources);
  if (!look_.party) return released({ locked: [] });
  const { opening } = await roomOpening(look_, room);
  // What who supervises opened is no content of the room to it.
  const told = opening.closed.filter(({ stream }) => !stream.audience.startsWith('case:'));
  const closed = new Map(told.map((entry) => [entry.stream.no, entry]));
  const streams = [...closed.keys()];
  const tallies = await sources.objects.tallies(streams);
  // What has ended but was not said to have ended yet counts no more: time decides, not the sweep.
  const due = await sources.objects.dueTallies(streams, sources.now);
  const withheld = await sources.narrowing.withheldTallies(look_.party.no, streams, sources.now);
  const less = [...due, ...withheld].map((tally) => ({ ...tally, n: -tally.n }));
  const sums = new Map<string, Locked>();
  for (const tally of [...tallies, ...less]) {
    const entry = closed.get(tally.stream);
    if (!entry || tally.party === look_.party.no || !within(tally, entry)) continue;
    const key = JSON.stringify([tally.party, tally.type, entry.needs]);
    const { id } = await sources.parties.byNumber(tally.party);
    if (isSuspended(look_, entry, id)) continue;
    const count = (sums.get(key)?.count ?? 0) + tally.n;
    sums.set(key, { party: id, type: tally.type, count, needs: entry.needs });
  }
  const list = [...sums.values()].filter(({ count }) => count > 0);
  return released({ locked: list.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)) });
}

/** The author suspended what it owed this party: nothing of it is there, by the room or by a grant. */
function isSuspended(look_: Look, { stream: { room, audience } }: Closed, author: string): boolean {
  return audience !== 'public' && look_.rooms.get(room)?.withheld.has(author) === true;
}

function within(tally: Tally, { generations }: Closed): boolean {
  return (
    generations === null ||
    generations.some(({ from, to }) => from <= tally.gen && (to === null || tally.gen < to))
  );
}

function orderOf({ party, type, needs }: Locked): string {
  return `${party} ${type} ${JSON.stringify(needs)}`;
}
