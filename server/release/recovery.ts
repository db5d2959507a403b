/** How a party would come back, who vouches for whom now, and what may be objected to. */
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import { lookAsParty } from './own.ts';
import { refAt } from './refs.ts';
import { type Released, released } from './released.ts';
import type { ArrangementFacts, Sources, VouchFacts } from './sources.ts';
import type { Viewer } from './viewer.ts';

export interface GuardiansView {
  readonly parties: readonly string[];
  /** Hours. */
  readonly delay: number;
  readonly statement: StatementRef;
}

/** A key for which guardians vouch. */
export interface ReadmissionView {
  readonly key: string;
  readonly vouched: readonly {
    readonly party: string;
    readonly at: Instant;
    readonly statement: StatementRef;
  }[];
  /** From when it may be used; null while one guardian has not vouched. */
  readonly ready: Instant | null;
}

export interface RecoveryView {
  /** The recovery key in force, and what named it. */
  readonly key: { readonly key: string; readonly statement: StatementRef } | null;
  readonly guardians: GuardiansView | null;
  readonly readmissions: readonly ReadmissionView[];
  /** Parties that have named the viewer's as their guardian. */
  readonly wards: readonly (GuardiansView & {
    readonly party: string;
    readonly readmissions: readonly ReadmissionView[];
  })[];
}

/** The party's own affair: no device that is limited to rooms sees it. @throws session.needed, device.limited */
export async function releaseRecovery(viewer: Viewer, sources: Sources): Promise<Released<RecoveryView>> {
  const { party } = await lookAsParty(viewer, sources);
  const { parties } = sources;
  const key = await parties.currentRecoveryKey(party.no);
  const wards = await Promise.all(
    (await parties.wardsOf(party.no)).map(async (no) => {
      const guardians = await guardiansOf(no, sources);
      const { id } = await parties.byNumber(no);
      return guardians ? [{ party: id, ...guardians, readmissions: await readmissionsOf(no, sources) }] : [];
    }),
  );
  return released({
    key: key && { key: key.key, statement: await refAt(sources, key.index) },
    guardians: await guardiansOf(party.no, sources),
    readmissions: await readmissionsOf(party.no, sources),
    wards: wards.flat(),
  });
}

async function guardiansOf(party: number, sources: Sources): Promise<GuardiansView | null> {
  const [last] = await sources.parties.arrangements(party, 1);
  if (!last?.guardians) return null;
  const parties = await Promise.all(last.guardians.map((no) => idOf(no, sources)));
  return { parties, delay: last.delay, statement: await refAt(sources, last.index) };
}

const hour = 3_600_000_000;

/** Open ones, the oldest first. */
export async function readmissionsOf(party: number, sources: Sources): Promise<readonly ReadmissionView[]> {
  const words = await sources.parties.vouches(party);
  const [last] = await sources.parties.arrangements(party, 1);
  const keys = [...new Set(words.map(({ key }) => key))];
  return Promise.all(
    keys.map(async (key) => {
      const said = words.filter((word) => word.key === key);
      const vouched = said.map(async ({ guardian, at, index }) => ({
        party: await idOf(guardian, sources),
        at,
        statement: await refAt(sources, index),
      }));
      return { key, vouched: await Promise.all(vouched), ready: readyAt(said, last) };
    }),
  );
}

function readyAt(words: readonly VouchFacts[], arrangement: ArrangementFacts | undefined): Instant | null {
  if (words.length < 2) return null;
  return Math.max(...words.map(({ at }) => at)) + (arrangement?.delay ?? 0) * hour;
}

async function idOf(no: number, sources: Sources): Promise<string> {
  return (await sources.parties.byNumber(no)).id;
}
