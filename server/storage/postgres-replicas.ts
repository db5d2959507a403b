/** What replicas tell a centre in a database. It is a word, not a record: no commit waits for the disk. */
import type { Acknowledged, ReplicaStore } from '../log/replicas.ts';
import { Listening } from './postgres-moved.ts';
import { Pool } from './postgres-pool.ts';
import { schemas } from './postgres-schema.ts';

const channel = 'parley_replicas';

export function postgresReplicas(url: string): ReplicaStore {
  const target = { url, schema: schemas.log };
  const pool = new Pool(target, 1, (connection) => ({ connection, set: false }));
  const listening = new Listening(target, channel);
  return {
    async acknowledge({ name, size, at }) {
      await pool.use(async (session) => {
        if (!session.set) await session.connection.run('set synchronous_commit to off');
        session.set = true;
        await session.connection.query(
          `with told as (select pg_notify('${channel}', ''))
           insert into replica (name, size, at) select $1::text, $2::bigint, $3::bigint from told
           on conflict (name) do update set size = excluded.size, at = excluded.at`,
          [name, size, at],
        );
      });
    },
    all: () =>
      pool.use(({ connection }) => connection.all<Acknowledged>('select name, size, at from replica')),
    onChanged: (listener) => listening.add(listener),
    close: async () => {
      await Promise.all([listening.close(), pool.close()]);
    },
  };
}
