/** What a witness has cosigned last, by log. It must never go back: a copy from yesterday would cosign a fork. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Bytes } from '@parley/core/bytes.ts';
import type { Known } from '@parley/core/witness.ts';

export interface Cosigned extends Known {
  readonly origin: string;
  /** The checkpoint with the log's lines and ours. */
  readonly note: Bytes;
}

export interface WitnessStore {
  readonly latest: (origin: string) => Cosigned | null;
  readonly all: () => readonly Cosigned[];
  /**
   * One transaction: what `decide` keeps is on the disk when this returns. No other request, and no other process
   * on the same directory, comes between what `decide` was told and what it keeps.
   */
  readonly decide: <T>(
    origin: string,
    decide: (known: Cosigned | null, keep: (next: Cosigned) => void) => T,
  ) => T;
  readonly close: () => void;
}

export function openWitnessStore(dir: string): WitnessStore {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(join(dir, 'witness.sqlite'), { timeout: 5_000 });
  db.exec('pragma journal_mode = wal; pragma synchronous = full');
  db.exec(
    'create table if not exists logs (origin text primary key, size integer not null, root blob not null, note blob not null) strict',
  );
  const one = db.prepare('select origin, size, root, note from logs where origin = ?');
  const every = db.prepare('select origin, size, root, note from logs order by origin');
  const put = db.prepare(
    'insert into logs values (?, ?, ?, ?) on conflict (origin) do update set size = excluded.size, root = excluded.root, note = excluded.note',
  );
  const latest = (origin: string): Cosigned | null => (one.get(origin) as Cosigned | undefined) ?? null;
  return {
    latest,
    all: () => every.all() as unknown as Cosigned[],
    decide(origin, decide) {
      db.exec('begin immediate');
      try {
        const result = decide(latest(origin), (next) =>
          put.run(next.origin, next.size, next.root, next.note),
        );
        db.exec('commit');
        return result;
      } catch (error) {
        if (db.isTransaction) db.exec('rollback');
        throw error;
      }
    },
    close: () => db.close(),
  };
}
