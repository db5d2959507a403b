/**
 * Keys that the centre holds for parties, and the tokens that open them. Nothing here says what a connector may: that
 * stands in the party's own enrolment, which is asked at each use. The private key is read and written here alone.
 */
import { randomBytes } from 'node:crypto';
import { type Bytes, base64url } from '@parley/core/bytes.ts';
import { maxConnectors, tokenPattern, tokenPrefix } from '@parley/core/connectors.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import type { DeviceId, PartyId } from '@parley/core/keys.ts';
import type { Commit, JournalDb, JournalStore, TokenSeal } from './ports.ts';
import { connectorGrant } from './tables.ts';

/** A key must be enrolled within the hour; then it is thrown away, with its token. In microseconds. */
export const offerLife = 3_600 * 1_000_000;
/** A statement that was admitted just within it must not find its key gone. */
const purgeAfter = 2 * offerLife;
/** How exactly it is known when a connector was last used. */
const useGrain = 60 * 1_000_000;

export interface Holder {
  readonly device: DeviceId;
  readonly party: PartyId;
}

export interface HeldConnector extends Holder {
  readonly made: Instant;
  readonly used: Instant | null;
}

export class Connectors {
  readonly #db: JournalDb;
  readonly #tokens: TokenSeal;
  readonly #commit: Commit;
  /** When each was last noted as used. */
  readonly #used = new Map<DeviceId, Instant>();

  constructor({ db, tokens }: Pick<JournalStore, 'db' | 'tokens'>, commit: Commit) {
    this.#db = db;
    this.#tokens = tokens;
    this.#commit = commit;
  }

  /**
   * Keeps a key that was just made.
   * @returns the token: 32 random bytes in base64url behind its prefix, known to nobody but who gets it
   * @throws connector.too-many
   */
  offer({ device, party }: Holder, key: Bytes, now: Instant): Promise<string> {
    const token = tokenPrefix + base64url(randomBytes(32));
    return this.#commit(async (db) => {
      const held = await db
        .selectFrom('connectors')
        .select('device')
        .where('party', '=', party)
        .where('key', 'is not', null)
        .execute();
      if (held.length >= maxConnectors)
        throw new Refusal('connector.too-many', { params: { limit: maxConnectors } });
      await db
        .insertInto('connectors')
        .values({
          ...{ device, party, key, made: now, used: null },
          token: this.#tokens.lookup(token),
          seal: this.#tokens.seal(token, connectorGrant({ device, party, made: now })),
        })
        .execute();
      return token;
    });
  }

  /** Whose token it is, whether the connector still lives or not. Null: nobody's, or the row is not the centre's. */
  async find(token: string): Promise<Holder | null> {
    if (!tokenPattern.test(token)) return null;
    const row = await this.#db
      .selectFrom('connectors')
      .select(['device', 'party', 'made', 'token', 'seal'])
      .where('token', '=', this.#tokens.lookup(token))
      .executeTakeFirst();
    return row && this.#tokens.holds(row, connectorGrant(row))
      ? { device: row.device, party: row.party }
      : null;
  }

  /** Whether the centre made this key for the party within the hour. */
  async isOffered({ device, party }: Holder, now: Instant): Promise<boolean> {
    const row = await this.#db
      .selectFrom('connectors')
      .select(['made', 'token', 'seal'])
      .where('device', '=', device)
      .where('party', '=', party)
      .where('key', 'is not', null)
      .executeTakeFirst();
    if (!row || row.made + offerLife <= now) return false;
    return this.#tokens.holds(row, connectorGrant({ device, party, made: row.made }));
  }

  /**
   * The private key, PKCS #8. Null: the centre holds none, or no longer. One put there from another row signs nothing
   * that is admitted: a device is the fingerprint of its key.
   */
  async keyOf(device: DeviceId): Promise<Bytes | null> {
    const row = await this.#db
      .selectFrom('connectors')
      .select('key')
      .where('device', '=', device)
      .executeTakeFirst();
    return row?.key ? new Uint8Array(row.key) : null;
  }

  /** Those whose keys were never enrolled among them, oldest first. */
  async ofParty(party: PartyId): Promise<readonly HeldConnector[]> {
    const rows = await this.#db
      .selectFrom('connectors')
      .select(['device', 'party', 'made', 'used'])
      .where('party', '=', party)
      .orderBy('made')
      .orderBy('device')
      .execute();
    return rows.map((row) => ({ ...row }));
  }

  /** To the minute: not every request is a write. */
  async noteUse(device: DeviceId, now: Instant): Promise<void> {
    const last = this.#used.get(device);
    if (last !== undefined && now < last + useGrain) return;
    if (this.#used.size > 10_000) this.#used.clear();
    this.#used.set(device, now);
    await this.#commit(async (db) => {
      await db.updateTable('connectors').set({ used: now }).where('device', '=', device).execute();
    });
  }

  /** Its key is gone from here on; that the token was its token stays known, so that its owner can be told why. */
  end(device: DeviceId): Promise<void> {
    return this.#commit(async (db) => {
      await db.updateTable('connectors').set({ key: null }).where('device', '=', device).execute();
    });
  }

  /** Ends those that no longer live, and forgets keys that nobody enrolled in time. */
  async purge(
    state: (device: DeviceId) => Promise<'live' | 'over' | 'unknown'>,
    now: Instant,
  ): Promise<void> {
    const rows = await this.#db
      .selectFrom('connectors')
      .select(['device', 'made'])
      .where('key', 'is not', null)
      .execute();
    for (const { device, made } of rows) {
      const is = await state(device);
      if (is === 'over') await this.end(device);
      else if (is === 'unknown' && made + purgeAfter <= now) await this.#forget(device);
    }
  }

  #forget(device: DeviceId): Promise<void> {
    return this.#commit(async (db) => {
      await db.deleteFrom('connectors').where('device', '=', device).execute();
      await db.deleteFrom('connector_refusals').where('device', '=', device).execute();
    });
  }
}
