/**
 * The access digest: hour by hour the centre commits to who read what. A tree with one leaf for each party; the
 * centre says its root in `access.digest/1`, and each party fetches its own leaf with the path to that root.
 *
 * A leaf is canonical JSON in UTF-8, without white space, keys in this order:
 *
 *   {"party":P,"from":T,"to":T,"accesses":[{"at":U,"party":P,"purpose":ID,"statement":{"party":P,"id":ID},"parts":[N]}]}
 *
 * `party` is the originator whose leaf it is, `from` (inclusive) and `to` (exclusive) as in the statement, with
 * milliseconds; `at` with microseconds; `accesses.party` the reader; `statement.party` the originator again. One
 * entry for each access and statement, ordered by `at`, reader, purpose, statement id and part numbers (a list that
 * begins another comes first); texts by code unit. An originator's reading of its own is not among them. Where
 * nothing was read the list is empty and the leaf is there all the same, so that silence is a statement, too.
 *
 * The leaf hash is SHA-256(0x00 ‖ salt ‖ leaf) with 16 random bytes of salt, so that a neighbour's hash in a path
 * tells nothing about what it read. The leaves of nobody fill the tree up to a power of two, 64 at least, and all
 * stand in the order of their hashes: so neither their number nor a place among them tells how many parties there are.
 * The tree is RFC 6962's.
 */
import { randomBytes } from 'node:crypto';
import { type Bytes, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type Instant, millisecondsOf, textOf } from '@parley/core/fields.ts';
import type { PartyId } from '@parley/core/keys.ts';
import { type Hash, inclusionPath, rootOf } from '@parley/core/merkle.ts';
import { partLeaf, saltLength } from '@parley/core/parts.ts';
import type { Accesses } from './accesses.ts';
import { closeInterval, lastEnd } from './intervals.ts';
import type { Commit, JournalDb } from './ports.ts';
import { type OriginOf, originatorsBetween, type StatementReading } from './readings.ts';

export interface Digest {
  readonly from: Instant;
  readonly to: Instant;
  /** Number of leaves. */
  readonly leaves: number;
  readonly root: Hash;
}

export interface DigestLeaf {
  readonly from: Instant;
  readonly to: Instant;
  readonly salt: Bytes;
  readonly leaf: Bytes;
  /** Of the leaf in the tree. */
  readonly index: number;
  readonly path: readonly Hash[];
}

/** Fewer parties than this are not told apart by the number of leaves. */
const leastLeaves = 64;

interface Leaf {
  readonly party: PartyId;
  readonly salt: Bytes;
  readonly leaf: Bytes;
  readonly hash: Hash;
}

/** @param accesses as `originatorsBetween` gives them */
export function leafOf(
  party: PartyId,
  from: Instant,
  to: Instant,
  accesses: readonly StatementReading[],
): Bytes {
  const entries = accesses.map(({ at, party, purpose, statement, parts }) => ({
    at: textOf(at),
    party,
    purpose,
    statement: { party: statement.party, id: statement.id },
    parts,
  }));
  return utf8(
    JSON.stringify({ party, from: millisecondsOf(from), to: millisecondsOf(to), accesses: entries }),
  );
}

export class Digests {
  readonly #db: JournalDb;
  readonly #commit: Commit;
  readonly #accesses: Accesses;

  constructor(db: JournalDb, commit: Commit, accesses: Accesses) {
    this.#db = db;
    this.#commit = commit;
    this.#accesses = accesses;
  }

  /** Where the next digest begins: where one broke off, else at the end of the last; null before the first. */
  async next(): Promise<Instant | null> {
    const broken = await this.#db
      .selectFrom('digests')
      .select('since')
      .where('root', 'is', null)
      .orderBy('since')
      .limit(1)
      .executeTakeFirst();
    return broken?.since ?? ((await lastEnd(this.#db)) || null);
  }

  /**
   * Builds the digest of an interval that is over, once: built again, or after a crash, it has the same root.
   * @param from whole milliseconds, as `to`; not before the end of the digest before
   * @param parties all that the centre knows; who is not named but was read gets a leaf, too
   * @throws fault, and what `originatorsBetween` throws
   */
  async buildDigest(
    from: Instant,
    to: Instant,
    parties: readonly PartyId[],
    originOf: OriginOf,
  ): Promise<Digest> {
    if (from % 1000 !== 0 || to % 1000 !== 0)
      throw new Refusal('fault', { detail: 'not whole milliseconds' });
    // Closed before it is read: from here on nothing can be added to the interval.
    await this.#commit((db) => closeInterval(db, from, to));
    const built = await builtDigest(this.#db, from);
    if (built) return built;
    const readings = await originatorsBetween(this.#accesses, from, to, originOf);
    const leaves = saltedLeaves(from, to, parties, readings);
    return this.#commit(async (db) => (await builtDigest(db, from)) ?? (await store(db, from, to, leaves)));
  }

  /** The party's leaf in the digest that begins at `from`, with its proof; null where there is none. */
  async leafFor(party: PartyId, from: Instant): Promise<DigestLeaf | null> {
    const row = await this.#db
      .selectFrom('digest_leaves')
      .innerJoin('digests', 'digests.since', 'digest_leaves.since')
      .select(['until', 'position', 'salt', 'leaf'])
      .where('party', '=', party)
      .where('digest_leaves.since', '=', from)
      .executeTakeFirst();
    if (!row) return null;
    const hashes = await this.#db
      .selectFrom('digest_leaves')
      .select('hash')
      .where('since', '=', from)
      .orderBy('position')
      .execute();
    const path = inclusionPath(
      hashes.map(({ hash }) => bytes(hash)),
      row.position,
    );
    return { from, to: row.until, salt: bytes(row.salt), leaf: bytes(row.leaf), index: row.position, path };
  }

  /** Where the digests that have a leaf of the party begin, oldest first. */
  async ofParty(party: PartyId, after: Instant | null, limit: number): Promise<Instant[]> {
    const rows = await this.#db
      .selectFrom('digest_leaves')
      .select('since')
      .where('party', '=', party)
      .where('since', '>', after ?? -1)
      .orderBy('since')
      .limit(limit)
      .execute();
    return rows.map(({ since }) => since);
  }
}

function saltedLeaves(
  from: Instant,
  to: Instant,
  parties: readonly PartyId[],
  readings: ReadonlyMap<PartyId, readonly StatementReading[]>,
): Leaf[] {
  const leaves = [...new Set([...parties, ...readings.keys()])].map((party) => {
    const leaf = leafOf(party, from, to, readings.get(party) ?? []);
    const salt = bytes(randomBytes(saltLength));
    return { party, salt, leaf, hash: partLeaf({ salt, bytes: leaf }) };
  });
  const size = Math.max(leastLeaves, 2 ** Math.ceil(Math.log2(leaves.length)));
  const fillers = Array.from({ length: size - leaves.length }, (_, i) => filler(i));
  return [...leaves, ...fillers].sort((x, y) => Buffer.compare(x.hash, y.hash));
}

/** Nobody's. */
function filler(i: number): Leaf {
  const salt = bytes(randomBytes(saltLength));
  const leaf = utf8('');
  return { party: `filler ${i}`, salt, leaf, hash: partLeaf({ salt, bytes: leaf }) };
}

async function builtDigest(db: JournalDb, from: Instant): Promise<Digest | null> {
  const row = await db.selectFrom('digests').selectAll().where('since', '=', from).executeTakeFirst();
  if (row?.leaves == null || row.root === null) return null;
  return { from, to: row.until, leaves: row.leaves, root: bytes(row.root) };
}

async function store(db: JournalDb, from: Instant, to: Instant, leaves: readonly Leaf[]): Promise<Digest> {
  const root = rootOf(leaves.map(({ hash }) => hash));
  for (const [position, leaf] of leaves.entries())
    await db
      .insertInto('digest_leaves')
      .values({ since: from, position, ...leaf })
      .execute();
  await db.updateTable('digests').set({ leaves: leaves.length, root }).where('since', '=', from).execute();
  return { from, to, leaves: leaves.length, root };
}

function bytes(stored: Uint8Array): Bytes {
  return new Uint8Array(stored);
}
