/** Sessions: one device, one purpose, an end. Read from storage at each request, so that ending one is immediate. */
import { randomBytes } from 'node:crypto';
import { base64url } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import type { DeviceId, PartyId } from '@parley/core/keys.ts';
import type { Commit, Grant, JournalDb, JournalStore, TokenSeal } from './ports.ts';

/** What a session is for. */
export interface Intent {
  readonly purpose: string;
  readonly justification: string | null;
}

/** From when and how long, in microseconds. */
export interface Term {
  readonly now: Instant;
  readonly ttl: number;
}

export interface Session extends Intent {
  readonly party: PartyId;
  readonly device: DeviceId;
  /** Who sits at the device, by a pseudonym that the party alone can resolve; or null. */
  readonly person: string | null;
  readonly opened: Instant;
  readonly expires: Instant;
}

export type Opening = Intent & Term & Pick<Session, 'party' | 'device'> & { readonly person?: string | null };

export class Sessions {
  readonly #db: JournalDb;
  readonly #tokens: TokenSeal;
  readonly #commit: Commit;

  constructor({ db, tokens }: Pick<JournalStore, 'db' | 'tokens'>, commit: Commit) {
    this.#db = db;
    this.#tokens = tokens;
    this.#commit = commit;
  }

  /** @returns the token: 32 random bytes in base64url, known to nobody but who gets it */
  open(opening: Opening): Promise<string> {
    return this.#commit((db) => insert(db, this.#tokens, opening));
  }

  find(token: string, now: Instant): Promise<Session | null> {
    return live(this.#db, this.#tokens, token, now);
  }

  /**
   * Another purpose or justification for the same device: a new session begins and this one ends, both or neither.
   * @returns the new token
   * @throws session.unknown
   */
  step(token: string, intent: Intent & Term): Promise<string> {
    return this.#commit(async (db) => {
      const session = await live(db, this.#tokens, token, intent.now);
      if (!session) throw new Refusal('session.unknown');
      await remove(db, this.#tokens, token);
      const { party, device, person } = session;
      return insert(db, this.#tokens, { ...intent, party, device, person });
    });
  }

  /** Ends it, or finds it ended. */
  end(token: string): Promise<void> {
    return this.#commit((db) => remove(db, this.#tokens, token));
  }

  /** Ends all sessions of a device that was revoked or has ended. */
  endOfDevice(device: DeviceId): Promise<void> {
    return this.#commit(async (db) => {
      await db.deleteFrom('sessions').where('device', '=', device).execute();
    });
  }

  /**
   * Ends those that a revocation left: the process may have ended between its commit and theirs.
   * @param revoked which of the devices were
   */
  async endRevoked(revoked: (devices: readonly DeviceId[]) => Promise<readonly DeviceId[]>): Promise<void> {
    const rows = await this.#db.selectFrom('sessions').select('device').distinct().execute();
    for (const device of await revoked(rows.map((row) => row.device))) await this.endOfDevice(device);
  }

  /** Deletes what has expired. */
  purge(now: Instant): Promise<void> {
    return this.#commit(async (db) => {
      await db.deleteFrom('sessions').where('expires', '<=', now).execute();
    });
  }
}

/** Of one device at once. A client that signs in without end and never out ends its own oldest, and fills no disk. */
const most = 1_000;

async function makeRoom(db: JournalDb, device: DeviceId): Promise<void> {
  const beyond = await db
    .selectFrom('sessions')
    .select('token')
    .where('device', '=', device)
    .orderBy('opened', 'desc')
    .offset(most - 1)
    .limit(most)
    .execute();
  for (const row of beyond) await db.deleteFrom('sessions').where('token', '=', row.token).execute();
}

async function insert(
  db: JournalDb,
  tokens: TokenSeal,
  { now, ttl, party, device, person = null, purpose, justification }: Opening,
): Promise<string> {
  const token = base64url(randomBytes(32));
  await makeRoom(db, device);
  const session = { party, device, person, purpose, justification, opened: now, expires: now + ttl };
  await db
    .insertInto('sessions')
    .values({ ...session, token: tokens.lookup(token), seal: tokens.seal(token, grantOf(session)) })
    .execute();
  return token;
}

/** A row that the centre did not write, or not so, is no session. */
async function live(db: JournalDb, tokens: TokenSeal, given: string, now: Instant): Promise<Session | null> {
  const row = await db
    .selectFrom('sessions')
    .select(['party', 'device', 'person', 'purpose', 'justification', 'opened', 'expires', 'token', 'seal'])
    .where('token', '=', tokens.lookup(given))
    .where('expires', '>', now)
    .executeTakeFirst();
  if (!row) return null;
  const { token, seal, ...session } = row;
  return tokens.holds({ token, seal }, grantOf(session)) ? session : null;
}

async function remove(db: JournalDb, tokens: TokenSeal, token: string): Promise<void> {
  await db.deleteFrom('sessions').where('token', '=', tokens.lookup(token)).execute();
}

function grantOf({ party, device, person, purpose, justification, opened, expires }: Session): Grant {
  return ['sessions', party, device, person, purpose, justification, opened, expires];
}
