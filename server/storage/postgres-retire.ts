/**
 * A database that a centre has left for another place: what it held stays, under other names, so that no instance goes
 * on there. Who still runs finds its tables gone at its next commit, and stops in doubt.
 */
import { Refusal } from '@parley/core/errors.ts';
import { Connection } from './postgres-connection.ts';
import { schemas } from './postgres-schema.ts';
import { shownTarget } from './postgres-target.ts';

const moved = { log: `${schemas.log}_moved`, journals: `${schemas.journals}_moved` } as const;

/** What stands there: a centre's schemas, those of one that has left, or both. */
export async function postgresStanding(url: string): Promise<{ live: boolean; left: boolean }> {
  const connection = await Connection.open({ url, schema: schemas.log });
  try {
    const rows = await connection.all<{ name: string }>(
      `select nspname as name from pg_namespace n where nspname in ('${schemas.log}', '${moved.log}')
       and exists (select 1 from pg_class c where c.relnamespace = n.oid and c.relname = 'meta')`,
    );
    const names = new Set(rows.map(({ name }) => name));
    return { live: names.has(schemas.log), left: names.has(moved.log) };
  } finally {
    await connection.close();
  }
}

/**
 * In one transaction, which holds head and journals against every writer.
 * @param size of the log that was moved
 * @param check what else must hold while nobody can write
 * @throws store.moved where something was added, and what `check` throws; then nothing has changed
 */
export async function retirePostgres(url: string, size: number, check: () => Promise<void>): Promise<void> {
  const connection = await Connection.open({ url, schema: schemas.log });
  try {
    await connection.run('begin; set local idle_in_transaction_session_timeout to 0');
    const head = await connection.get<{ size: number }>('select size from head for update');
    await connection.run(`select 1 from ${schemas.journals}.meta where key = 'turn' for update`);
    if (head?.size !== size)
      throw new Refusal('store.moved', { at: shownTarget(url), params: { expected: size } });
    await check();
    await connection.run(
      `alter schema ${schemas.log} rename to ${moved.log}; alter schema ${schemas.journals} rename to ${moved.journals}`,
    );
    await connection.run('commit');
  } finally {
    await connection.close();
  }
}

/** What still holds it all, for whoever removes it. */
export function leftInPostgres(url: string): string[] {
  return [moved.log, moved.journals].map((schema) => `schema ${schema} in ${shownTarget(url)}`);
}
