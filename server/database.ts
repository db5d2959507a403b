/** The database that a configuration names, with the password that stands apart from it. */
import { readFileSync } from 'node:fs';
import { Refusal } from '@parley/core/errors.ts';
import type { Config } from './config.ts';
import { withPassword, wrongInTarget } from './storage/postgres-target.ts';

/** Null: none, everything lies in the folder. What it gives must not be shown. @throws file.unreadable */
export function databaseOf(config: Config): string | null {
  const { database, databasePasswordFile } = config;
  return database === null ? null : databaseAt(database, databasePasswordFile);
}

/** One that a command names. @throws config.value, file.unreadable */
export function databaseAt(database: string, file: string | null): string {
  const wrong = wrongInTarget(database);
  if (wrong !== null) throw new Refusal('config.value', { at: '--to', detail: wrong });
  if (file === null) return database;
  try {
    return withPassword(database, readFileSync(file, 'utf8').trim());
  } catch (cause) {
    throw new Refusal('file.unreadable', { at: file, cause });
  }
}

/** For commands that work on files of a folder. @throws command.usage */
export function refuseDatabase(config: Config, instead: string): void {
  if (config.database !== null)
    throw new Refusal('command.usage', {
      at: 'database',
      detail: `the centre lies in a database: ${instead}`,
    });
}
