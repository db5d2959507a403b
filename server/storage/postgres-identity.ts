/** Whether two URLs lead to one database: by another name of the machine, a socket, or a user of another name. */
import { Connection } from './postgres-connection.ts';
import { schemas } from './postgres-schema.ts';

/**
 * Of the running server and the database in it. Its start is told to everybody, to the microsecond; what identifies the
 * cluster on its disk is not, and a standby that was promoted has the same.
 * @throws store.away, store.absent, config.value
 */
async function identityOf(url: string): Promise<string> {
  const connection = await Connection.open({ url, schema: schemas.log });
  try {
    const row = await connection.get<{ identity: string }>(`
      select extract(epoch from pg_postmaster_start_time())::text || '/' || oid::text as identity
      from pg_database where datname = current_database()`);
    return row?.identity ?? url;
  } finally {
    await connection.close();
  }
}

/** @throws store.away, store.absent, config.value */
export async function sameDatabase(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map(identityOf));
  return first === second;
}
