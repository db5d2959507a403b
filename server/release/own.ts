/** What the journals hold for one party goes to that party: its accesses, its leaves of the hourly commitments, its session. */
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { refOf } from '@parley/core/statement.ts';
import { beyondAmong } from './persons.ts';
import { type Released, released } from './released.ts';
import type { Sources } from './sources.ts';
import { type Look, look, type Viewer } from './viewer.ts';

/**
 * @param read what the journals hold for this party and nobody else, without what the device may not know of
 * @throws session.needed
 */
export async function releaseOwn<T>(
  viewer: Viewer,
  sources: Sources,
  read: (party: string, beyond: (indexes: readonly number[]) => Promise<ReadonlySet<number>>) => Promise<T>,
): Promise<Released<T>> {
  const looked = await lookAsParty(viewer, sources);
  return released(await read(looked.party.id, (indexes) => beyondAmong(looked, indexes)));
}

/**
 * The same of what is whole or nothing: a leaf that was committed to names what is on persons, too.
 * @throws session.needed, device.limited
 */
export async function releaseWhole<T>(
  viewer: Viewer,
  sources: Sources,
  read: (party: string) => Promise<T>,
): Promise<Released<T>> {
  const { party, looker } = await lookAsParty(viewer, sources);
  if (looker.limits?.personal === false)
    throw new Refusal('device.limited', { detail: 'it names statements on persons, too' });
  return released(await read(party.id));
}

/** A session as such is its device's own. @throws session.needed */
export async function releaseSession<T>(
  viewer: Viewer,
  sources: Sources,
  read: () => Promise<T>,
): Promise<Released<T>> {
  await lookOfDevice(viewer, sources);
  return released(await read());
}

type PartyLook = Look & { readonly party: { readonly no: number; readonly id: string } };

/**
 * For what concerns the party as a whole: a device that is limited to rooms does not see it.
 * @throws session.needed, device.limited
 */
export async function lookAsParty(viewer: Viewer, sources: Sources): Promise<PartyLook> {
  const looked = await lookOfDevice(viewer, sources);
  if (looked.looker.limits?.rooms)
    throw new Refusal('device.limited', {
      detail: 'the device sees its rooms, and not what is of the whole party',
    });
  return looked;
}

/** Whoever calls it leaves out what is of other rooms than those of the device. @throws session.needed */
export async function lookOfDevice(viewer: Viewer, sources: Sources): Promise<PartyLook> {
  const looked = await look(viewer, sources);
  if (!looked.party) throw new Refusal('session.needed');
  return { ...looked, party: looked.party };
}

/** Whether the device may know of what stands in the room; null: in none. */
export function isWithin({ looker }: Look, room: string | null): boolean {
  const rooms = looker.limits?.rooms ?? null;
  return rooms === null || (room !== null && rooms.includes(room));
}

/** References of what a party's own journal names. */
export async function refsOf(
  indexes: readonly number[],
  sources: Sources,
): Promise<ReadonlyMap<number, StatementRef>> {
  const records = await sources.log.records([...new Set(indexes)]);
  return new Map(records.map(({ index, header }) => [index, refOf(header)]));
}

/** Whether the centre has said this yet. */
export async function isSaid(ref: StatementRef, sources: Sources): Promise<boolean> {
  return (await sources.log.find(ref)) !== null;
}
