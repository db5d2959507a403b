/**
 * What somebody tried against a party and was refused: a forged recovery, a hold on what it said, a look without a
 * case. A rule that refuses says whom it concerns (`Refusal.concerns`); that party is told, who tried it is not.
 */
import type { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import type { PartyId } from '@parley/core/keys.ts';
import { keepNewest } from './newest.ts';
import type { Commit, JournalDb } from './ports.ts';
import type { JournalTables } from './tables.ts';

/** Who tried what, as far as it is known. */
export interface Trying {
  /** The party whose signature or session held; null: nobody knows who it was. */
  readonly speaker: PartyId | null;
  /** A kind of statement, or the pattern of a route. */
  readonly what: string;
  readonly at: Instant;
}

type AttemptRow = JournalTables['attempts'];

export interface Attempt extends Trying {
  readonly code: string;
}

const hour = 3_600 * 1_000_000;
/** Newest of a party that are kept. */
const kept = 1_000;
/** Remembered as recorded, so that who tries again and again costs no writes. */
const remembered = 10_000;

export class Attempts {
  readonly #db: JournalDb;
  readonly #commit: Commit;
  readonly #seen = new WeakSet<Refusal>();
  readonly #recorded = new Set<string>();

  constructor(db: JournalDb, commit: Commit) {
    this.#db = db;
    this.#commit = commit;
  }

  /**
   * Once for each of those concerned in an hour; a refusal that passes by twice is one. A party may be concerned by
   * what was tried with its own keys: one of them may be in other hands.
   * @param isHere whether there is such a party: who forges may name any
   */
  async note(
    refusal: Refusal,
    { speaker, what, at }: Trying,
    isHere: (party: PartyId) => Promise<boolean> = async () => true,
  ): Promise<void> {
    if (this.#seen.has(refusal)) return;
    this.#seen.add(refusal);
    const rows: AttemptRow[] = [];
    for (const concerned of new Set(refusal.concerns)) {
      if (!(await isHere(concerned))) continue;
      const row = {
        ...{ concerned, hour: Math.floor(at / hour), speaker: speaker ?? '', what },
        ...{ code: refusal.code, at },
      };
      if (this.#isNew(row)) rows.push(row);
    }
    if (rows.length === 0) return;
    await this.#commit(async (db) => {
      for (const row of rows) {
        await db
          .insertInto('attempts')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        await keepNewest(db, 'attempts', row.concerned, kept);
      }
    });
  }

  /** Against this party, newest first. */
  async against(party: PartyId): Promise<readonly Attempt[]> {
    const rows = await this.#db
      .selectFrom('attempts')
      .select(['speaker', 'what', 'code', 'at'])
      .where('concerned', '=', party)
      .orderBy('at', 'desc')
      .limit(kept)
      .execute();
    return rows.map(({ speaker, ...row }) => ({ ...row, speaker: speaker === '' ? null : speaker }));
  }

  /** How many there were since then. */
  async countSince(party: PartyId, since: Instant): Promise<number> {
    const row = await this.#db
      .selectFrom('attempts')
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .where('concerned', '=', party)
      .where('at', '>=', since)
      .executeTakeFirstOrThrow();
    return Number(row.n);
  }

  #isNew(row: AttemptRow): boolean {
    const key = [row.concerned, row.hour, row.speaker, row.what, row.code].join('\n');
    if (this.#recorded.has(key)) return false;
    if (this.#recorded.size >= remembered) this.#recorded.clear();
    this.#recorded.add(key);
    return true;
  }
}
