/** What the centre's own rounds conclude from, filled in from the store and the journals. */
import type { StatementRef } from '@parley/core/fields.ts';
import { refOf } from '@parley/core/statement.ts';
import type { RoundsOptions } from './centre/centre.ts';
import { causeOf } from './centre/digests.ts';
import type { Voice } from './centre/voice.ts';
import type { Tables } from './folds.ts';
import type { Journals } from './journals/journals.ts';
import type { Store } from './log/ports.ts';
import { readObjects } from './projections/objects/read.ts';
import { readParties } from './projections/parties/read.ts';
import { readRecalls } from './projections/recalls/read.ts';

export function centreSources(
  store: Store<Tables>,
  journals: Journals,
  party: string,
  voice: Voice,
): RoundsOptions['sources'] {
  const records = (indexes: readonly number[]) => store.snapshot(({ log }) => log.records(indexes));
  const originOf = async (indexes: readonly number[]): Promise<ReadonlyMap<number, StatementRef>> =>
    new Map((await records(indexes)).map(({ index, header }) => [index, refOf(header)]));
  return {
    records,
    recallsSince: (instant) => store.snapshot(({ db }) => readRecalls(db).recallsSince(instant)),
    corrections: (from, to) => store.snapshot(({ db }) => readObjects(db).corrections(from, to)),
    size: () => store.snapshot(async ({ log }) => (await log.head())?.size ?? 0),
    toldBy: (index) => store.snapshot(({ db }) => readRecalls(db).toldBy(index)),
    lastNotice: () => store.snapshot(({ db }) => readRecalls(db).lastNotice()),
    recipients: (index, parts) => journals.accesses.recipients(index, parts),
    due: (now, limit) => store.snapshot(({ db }) => readObjects(db).due(now, limit)),
    digests: {
      next: () => journals.digests.next(),
      async build(from, to) {
        const parties = await store.snapshot(({ db }) => readParties(db).all());
        const ids = parties.filter(({ id }) => id !== party).map(({ id }) => id);
        return journals.digests.buildDigest(from, to, ids, originOf);
      },
      said: async (from) =>
        (await store.snapshot(({ log }) => log.find(voice.refOf('access.digest/1', causeOf(from))))) !== null,
      opened: async () => (await records([0]))[0]?.instant ?? 0,
    },
  };
}
