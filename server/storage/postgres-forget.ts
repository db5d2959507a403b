/**
 * Dead rows go. PostgreSQL writes beside what it changes: what a row held stays until nobody could see it any more,
 * and is then removed by a vacuum. What stays on the disk even after it stands in docs/erasure.md.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Connection, type Target } from './postgres-connection.ts';
import { told } from './postgres-errors.ts';

/** Milliseconds. */
const [soon, late] = [5, 500];

/** Those of the schema in which rows are emptied or removed: all but records and tiles. */
const tables = `
  select quote_ident(tablename) as name from pg_tables
  where schemaname = $1 and tablename not in ('records', 'tiles', 'head', 'meta', 'vault') order by tablename`;

/** Whether somebody still sees what was before a transaction. */
const seen = `
  select 1 from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and age(backend_xmin) > age($1::text::xid) limit 1`;

/** Waits for readers of older moments. @throws store.away, and why it was ended */
export async function vacuum(target: Target, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const connection = await Connection.open(target);
  try {
    const now = await connection.get<{ id: string }>(
      `select (pg_current_xact_id()::text::numeric % 4294967296)::text as id`,
    );
    for (let delay = soon; await connection.get(seen, now?.id); delay = Math.min(2 * delay, late))
      await pause(delay, undefined, { signal }).catch(() => signal.throwIfAborted());
    signal.throwIfAborted();
    const names = (await connection.all<{ name: string }>(tables, target.schema)).map(({ name }) => name);
    await connection.run(`vacuum ${names.join(', ')}`, { patient: true });
  } catch (error) {
    throw told(error);
  } finally {
    await connection.close();
  }
}
