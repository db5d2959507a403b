/** What values of PostgreSQL are here: the same that SQLite gives. */
import { Refusal } from '@parley/core/errors.ts';

type Parser = (text: string) => unknown;

/** All of ours are below 2^53. */
function integer(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Refusal('store.corrupt', { detail: 'a number beyond 2^53' });
  return value;
}

/** `\x` and two digits a byte: the only form since PostgreSQL 9. A plain array, with a buffer of its own. */
function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'));
}

/** By the number of the type in `pg_type`: bool, bytea, int8, int2, int4, numeric (a sum). */
const parsers: Readonly<Record<number, Parser>> = {
  16: (text) => Number(text === 't'),
  17: bytes,
  20: integer,
  21: integer,
  23: integer,
  1700: integer,
};

const asItIs: Parser = (text) => text;

export const types = { getTypeParser: (type: number): Parser => parsers[type] ?? asItIs };
