/**
 * Files in the database, so that every instance reads them: in pieces of one size, under a row that stands for the
 * whole. One transaction puts a file, so that it is there as a whole or not at all; the row is what keeps those from
 * each other who put, settle or remove it.
 */
import { randomUUID } from 'node:crypto';
import { Refusal } from '@parley/core/errors.ts';
import type { FileStore } from '../files/ports.ts';
import type { Connection } from './postgres-connection.ts';
import { away, sqlStateOf, told } from './postgres-errors.ts';
import { Pool } from './postgres-pool.ts';
import { schemas } from './postgres-schema.ts';
import { transaction } from './postgres-transaction.ts';

const pieceSize = 256 * 1024;
const connections = 4;
const namesAtOnce = 1_000;

/** Connects when it is first used: the log has been opened by then. */
export function postgresFiles(url: string): FileStore {
  const target = { url, schema: schemas.log, holds: true };
  const pool = new Pool(target, connections, (connection) => ({ connection }));
  const read = <T>(work: (connection: Connection) => Promise<T>): Promise<T> =>
    pool
      .use(({ connection }) => work(connection))
      .catch((error) => {
        throw told(error);
      });
  const find = (name: string) =>
    read((connection) => connection.get<{ size: number }>('select size from file where name = $1', name));
  return {
    put: (name, pieces, before) => pool.use(({ connection }) => put(connection, name, pieces, before)),
    settle: (name, work) => pool.use(({ connection }) => settle(connection, name, work)),
    async open(name) {
      const file = await find(name);
      return file ? piecesOf(name, file.size, read) : null;
    },
    has: async (name) => (await find(name)) !== undefined,
    async remove(names) {
      if (names.length > 0) await pool.use(({ connection }) => remove(connection, names));
    },
    async *list(age = 0) {
      for (let after = ''; ; ) {
        const sql = `
          select name from file where name > $1 and put <= now() - $3 * interval '1 millisecond' order by name limit $2`;
        const rows = await read((connection) =>
          connection.all<{ name: string }>(sql, after, namesAtOnce, age),
        );
        for (const { name } of rows) yield name;
        if (rows.length < namesAtOnce) return;
        after = rows.at(-1)?.name ?? after;
      }
    },
    close: () => pool.close(),
  };
}

/**
 * Its pieces first, under a name that nobody else has, so that the row of the file is locked for moments only: of two
 * that put the same name, one waits for the other, and who erases it may wait for either. Given their own name, the
 * bytes of the pieces stay where they are.
 */
async function put(
  connection: Connection,
  name: string,
  pieces: AsyncIterable<Uint8Array>,
  before: () => Promise<void> = async () => {},
): Promise<void> {
  await inTransaction(connection, async () => {
    const own = randomUUID();
    let [n, size] = [0, 0];
    for await (const piece of evenly(pieces)) {
      await connection.query('insert into file_chunk values ($1, $2, $3)', [own, n++, piece]);
      size += piece.length;
    }
    await connection.query(
      `insert into file (name, size) values ($1, $2)
       on conflict (name) do update set size = excluded.size, put = clock_timestamp()`,
      [name, size],
    );
    await connection.query('delete from file_chunk where name = $1', [name]);
    await connection.query('update file_chunk set name = $2 where name = $1', [own, name]);
    await before();
  });
}

/** Where there is no row nothing is locked, and nothing removed: what comes to be there meanwhile is another's. */
async function settle<T>(
  connection: Connection,
  name: string,
  work: (there: boolean) => Promise<{ readonly stays: boolean; readonly result: T }>,
): Promise<T> {
  return inTransaction(connection, async () => {
    const [row] = await connection.all('select 1 from file where name = $1 for update', name);
    const { stays, result } = await work(row !== undefined);
    if (row && !stays) await removeAll(connection, [name]);
    return result;
  });
}

async function remove(connection: Connection, names: readonly string[]): Promise<void> {
  await inTransaction(connection, () => removeAll(connection, names));
}

async function removeAll(connection: Connection, names: readonly string[]): Promise<void> {
  await connection.query('delete from file where name = any($1::text[])', [names]);
  await connection.query('delete from file_chunk where name = any($1::text[])', [names]);
}

/**
 * A piece a question, so that a slow reader holds no connection and no old moment. A file that is removed meanwhile
 * ends in an error, never as if it were shorter.
 */
async function* piecesOf(
  name: string,
  size: number,
  read: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>,
): AsyncGenerator<Uint8Array> {
  const sql = 'select bytes from file_chunk where name = $1 and n = $2';
  for (let [n, given] = [0, 0]; given < size; n++) {
    const row = await read((connection) => connection.get<{ bytes: Uint8Array }>(sql, name, n));
    if (!row) throw await whyMissing(name, read);
    given += row.bytes.length;
    yield row.bytes;
  }
}

async function whyMissing(
  name: string,
  read: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>,
): Promise<Refusal> {
  const there = await read((connection) => connection.get('select 1 from file where name = $1', name));
  return there
    ? new Refusal('store.corrupt', { at: `files/${name}`, detail: 'a piece of the file is missing' })
    : new Refusal('absent', { detail: 'the file was removed' });
}

/** Pieces of `pieceSize`, the last one as long as what is left. */
async function* evenly(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let buffer = Buffer.allocUnsafe(pieceSize);
  let filled = 0;
  for await (const piece of pieces)
    for (let at = 0; at < piece.length; ) {
      const taken = Math.min(pieceSize - filled, piece.length - at);
      buffer.set(piece.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < pieceSize) continue;
      yield buffer;
      buffer = Buffer.allocUnsafe(pieceSize);
      filled = 0;
    }
  if (filled > 0) yield buffer.subarray(0, filled);
}

/** Putting and removing are as good twice: whoever does not know does it again. @throws queue.full where the disk is; store.away */
async function inTransaction<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  try {
    return await transaction(connection, 'begin isolation level read committed', work);
  } catch (error) {
    if (sqlStateOf(error) === '53100')
      throw new Refusal('queue.full', { params: { after: 600 }, cause: error });
    throw connection.lost ? away(error) : error;
  }
}
