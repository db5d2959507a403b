/** Sessions: one device, one purpose, an end. Read from storage at each request, so that ending one is immediate. */
import { randomBytes } from 'node:crypto';
import { type Bytes, base64url, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import type { DeviceId, PartyId } from '@parley/core/keys.ts';
import { sha256 } from '@parley/core/sha256.ts';
import type { Commit, JournalDb } from './ports.ts';

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
  readonly #commit: Commit;

  constructor(db: JournalDb, commit: Commit) {
    this.#db = db;
    this.#commit = commit;
  }

  /** @returns the token: 32 random bytes in base64url, known to nobody but who gets it */
  open(opening: Opening): Promise<string> {
    return this.#commit((db) => insert(db, opening));
  }

  find(token: string, now: Instant): Promise<Session | null> {
    return live(this.#db, token, now);
  }

  /**
   * Another purpose or justification for the same device: a new session begins and this one ends, both or neither.
   * @returns the new token
   * @throws session.unknown
   */
  step(token: string, intent: Intent & Term): Promise<string> {
    return this.#commit(async (db) => {
      const session = await live(db, token, intent.now);
      if (!session) throw new Refusal('session.unknown');
      await remove(db, token);
      const { party, device, person } = session;
      return insert(db, { ...intent, party, device, person });
    });
  }

  /** Ends it, or finds it ended. */
  end(token: string): Promise<void> {
    return this.#commit((db) => remove(db, token));
  }

  /** Ends all sessions of a device that was revoked or has ended. */
  endOfDevice(device: DeviceId): Promise<void> {
    return this.#commit(async (db) => {
      await db.deleteFrom('sessions').where('device', '=', device).execute();
    });
  }

  /** Deletes what has expired. */
  purge(now: Instant): Promise<void> {
    return this.#commit(async (db) => {
      await db.deleteFrom('sessions').where('expires', '<=', now).execute();
    });
  }
}

async function insert(
  db: JournalDb,
  { now, ttl, party, device, person = null, purpose, justification }: Opening,
): Promise<string> {
  const token = base64url(randomBytes(32));
  await db
    .insertInto('sessions')
    .values({
      token: stored(token),
      party,
      device,
      person,
      purpose,
      justification,
      opened: now,
      expires: now + ttl,
    })
    .execute();
  return token;
}

async function live(db: JournalDb, token: string, now: Instant): Promise<Session | null> {
  const row = await db
    .selectFrom('sessions')
    .select(['party', 'device', 'person', 'purpose', 'justification', 'opened', 'expires'])
    .where('token', '=', stored(token))
    .where('expires', '>', now)
    .executeTakeFirst();
  return row ? { ...row } : null;
}

async function remove(db: JournalDb, token: string): Promise<void> {
  await db.deleteFrom('sessions').where('token', '=', stored(token)).execute();
}

/** The time that a search takes tells of the hash only, which nobody can steer towards a stored one. */
function stored(token: string): Bytes {
  return sha256(utf8(token));
}
