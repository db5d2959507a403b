/** Kysely on a connection that somebody else opens, prepares and closes. */
import { Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely';
import type { QueryResult } from 'pg';
import type { ColumnSeals } from './column-seals.ts';
import { SealingPlugin } from './sealing-plugin.ts';

type Query = (text: string, values: readonly unknown[]) => Promise<QueryResult>;

/**
 * @param query runs one statement. Destroying the Kysely does nothing
 * @param seals what stands sealed in its tables; null: nothing
 */
export function kyselyBy<DB>(query: Query, seals: ColumnSeals | null = null): Kysely<DB> {
  const client = { query, release: () => {} } as unknown as PostgresPoolClient;
  const pool = { connect: async () => client, end: async () => {} };
  const plugins = seals ? [new SealingPlugin(seals)] : [];
  return new Kysely<DB>({ dialect: new PostgresDialect({ pool }), plugins });
}
