/** What the journals hold for one party goes to that party: its accesses, its leaves of the hourly commitments, its session. */
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { refOf } from '@parley/core/statement.ts';
import { type Released, released } from './released.ts';
import type { Sources } from './sources.ts';
import { type Look, look, type Viewer } from './viewer.ts';

/**
 * @param read what the journals hold for this party and nobody else
 * @throws session.needed
 */
export async function releaseOwn<T>(
  viewer: Viewer,
  sources: Sources,
  read: (party: string) => Promise<T>,
): Promise<Released<T>> {
  const { party } = await lookAsParty(viewer, sources);
  return released(await read(party.id));
}

/** @throws session.needed */
export async function lookAsParty(
  viewer: Viewer,
  sources: Sources,
): Promise<Look & { readonly party: { readonly no: number; readonly id: string } }> {
  const looked = await look(viewer, sources);
  if (!looked.party) throw new Refusal('session.needed');
  return { ...looked, party: looked.party };
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
