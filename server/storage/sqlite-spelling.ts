/** What SQLite calls what SQL leaves open. Its text is compared byte by byte anyway. */
import type { Spelling } from '../log/ports.ts';

const words = {
  ...{ serial: 'integer primary key', integer: 'integer', bytes: 'blob', text: 'text' },
  hashed: '',
  uniqueLong: (columns: string) => `, unique (${columns})`,
};

export const journalSpelling: Spelling = { ...words, table: 'strict', keyed: 'strict, without rowid' };

export const projectionSpelling: Spelling = { ...words, table: '', keyed: 'without rowid' };
