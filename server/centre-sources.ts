/** What the centre's own rounds conclude from, filled in from the store and the journals. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { StatementRef } from '@parley/core/fields.ts';
import { partNumber, placeOf } from '@parley/core/parts.ts';
import { refOf } from '@parley/core/statement.ts';
import type { AccreditationSources } from './centre/accreditation.ts';
import type { RoundsOptions } from './centre/centre.ts';
import { causeOf } from './centre/digests.ts';
import type { Mark } from './centre/notices.ts';
import type { Voice } from './centre/voice.ts';
import type { Tables } from './folds.ts';
import type { Journals } from './journals/journals.ts';
import type { Store } from './log/ports.ts';
import { readLaw } from './projections/law/read.ts';
import { readNarrowing } from './projections/objects/narrowing-read.ts';
import { readObjects } from './projections/objects/read.ts';
import { readParties } from './projections/parties/read.ts';
import { readRecalls } from './projections/recalls/read.ts';

export function centreSources(
  store: Store<Tables>,
  journals: Journals,
  party: string,
  voice: Voice,
  told: string,
): RoundsOptions['sources'] & AccreditationSources {
  const records = (indexes: readonly number[]) => store.snapshot(({ log }) => log.records(indexes));
  const originOf = async (indexes: readonly number[]): Promise<ReadonlyMap<number, StatementRef>> =>
    new Map((await records(indexes)).map(({ index, header }) => [index, refOf(header)]));
  return {
    records,
    accreditation: () =>
      store.snapshot(async ({ log, db }) => {
        if ((await log.head()) === null) return null;
        const { highest, index } = await readParties(db).accreditation();
        const [record] = index === null ? [] : await log.records([index]);
        return { highest, statement: record ? refOf(record.header) : null };
      }),
    recallsSince: (instant) => store.snapshot(({ db }) => readRecalls(db).recallsSince(instant)),
    corrections: (from, to) => store.snapshot(({ db }) => readObjects(db).corrections(from, to)),
    size: () => store.snapshot(async ({ log }) => (await log.head())?.size ?? 0),
    toldBy: (index) => store.snapshot(({ db }) => readRecalls(db).toldBy(index)),
    ...markAt(told),
    recipients: (index, parts, until) => journals.accesses.recipients(index, parts, 0, until),
    withheld: (party, index, parts) =>
      store.snapshot(async ({ db }) => {
        const no = (await readParties(db).party(party))?.no ?? 0;
        const numbers = parts.map((n) => partNumber(index, n));
        const withheld = await readNarrowing(db).withheldStill(no, numbers);
        return new Set([...withheld].map((part) => placeOf(part).n));
      }),
    holdsOver: (now, limit) => store.snapshot(({ db }) => readLaw(db).holdsOver(now, limit)),
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
      opened: async () => (await records([0]))[0]?.instant ?? null,
    },
  };
}

/** How often the mark is written, in milliseconds: a round that is done twice says nothing twice. */
const markEvery = 5_000;

/** A file apart, since it is neither said nor observed: without it, all recalls are looked at again. */
function markAt(path: string): Pick<RoundsOptions['sources'], 'mark' | 'setMark'> {
  let written = 0;
  return {
    mark() {
      try {
        const { since, index } = JSON.parse(readFileSync(path, 'utf8')) as Mark;
        return Number.isSafeInteger(since) && Number.isSafeInteger(index) ? { since, index } : null;
      } catch {
        return null;
      }
    },
    setMark(mark) {
      if (performance.now() - written < markEvery) return;
      written = performance.now();
      writeFileSync(`${path}.new`, JSON.stringify(mark), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
  };
}
