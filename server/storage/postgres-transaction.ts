/** One durable transaction, and what is known of it where it fails. */
import { Refusal } from '@parley/core/errors.ts';
import type { QueryResult } from 'pg';
import type { Connection } from './postgres-connection.ts';
import { away, isPassing, isRolledBack } from './postgres-errors.ts';

/**
 * @param begin with what it locks first: the results are the work's
 * @throws what the work throws; store.away where nothing was taken, since no commit was sent, or the database answered
 * that it has undone it; anything else, and nobody knows
 */
export async function transaction<T>(
  connection: Connection,
  begin: string,
  work: (begun: readonly QueryResult[]) => Promise<T>,
): Promise<T> {
  const result = await undoneUnlessDone(connection, begin, work);
  if (connection.lost) throw away(connection.lost);
  // From here on, whoever does not hear an answer does not know.
  await committed(connection);
  return result;
}

async function undoneUnlessDone<T>(
  connection: Connection,
  begin: string,
  work: (begun: readonly QueryResult[]) => Promise<T>,
): Promise<T> {
  try {
    return await work(await connection.run(begin));
  } catch (error) {
    await connection.run('rollback').catch(() => connection.discard());
    throw connection.lost || isPassing(error) ? away(error) : error;
  }
}

async function committed(connection: Connection): Promise<void> {
  try {
    const [result] = await connection.run('commit');
    // PostgreSQL answers so, and undoes all, where a statement had failed and somebody hid it.
    if (result?.command === 'ROLLBACK') throw new Refusal('fault', { detail: 'the transaction had failed' });
  } catch (error) {
    throw isRolledBack(error) ? away(error) : error;
  }
}
