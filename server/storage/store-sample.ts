import { concat } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { commitment } from '@parley/core/record.ts';
import { type Generated, type Kysely, sql } from 'kysely';
import type { Head, LogWriter, Spelling, StoredRecord } from '../log/ports.ts';
import { randomBytes, sampleParts, sampleStatement } from '../log/sample.ts';

export interface Tables {
  notes: { id: Generated<number>; text: string };
}

export async function append(log: LogWriter, index: number, texts: readonly string[] = ['hello']) {
  const { statement, parts, leaves } = sampleStatement('share/1', sampleParts(...texts));
  const record: StoredRecord = {
    index,
    instant: 1_000 + index,
    span: 1,
    nonce: randomBytes(32),
    ...statement,
    leaves: concat(...leaves),
  };
  const entry = commitment(record, statement.envelope);
  await log.append(record, entry, parts);
  return { record, entry, parts };
}

export async function makeNotes(db: Kysely<Tables>, { serial, text, table }: Spelling): Promise<void> {
  await sql.raw(`create table notes (id ${serial}, text ${text} not null) ${table}`).execute(db);
}

export function headOf(size: number): Head {
  return { size, root: randomBytes(32), instant: 2_000 + size, checkpoint: `checkpoint of ${size}\n` };
}

/** Adapters may give rows another prototype. */
export function plain<T>(value: T): T {
  return structuredClone(value);
}

export const refusal = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;
