/** What errors of PostgreSQL prove, by SQLSTATE (PostgreSQL, appendix A). */
import { Refusal } from '@parley/core/errors.ts';

/** Causes looked at. */
const depth = 8;

/** The connection has ended, or nothing came over it for too long. */
export class ConnectionLost extends Error {
  /** SQLSTATE: connection failure. */
  readonly code = '08006';
  readonly severity = 'FATAL';

  constructor(cause: unknown) {
    super('the connection to the database was lost', { cause });
    this.name = 'ConnectionLost';
  }
}

/** The five characters, or null where the error is not the database's. */
export function sqlStateOf(error: unknown): string | null {
  let cause = error;
  for (let i = 0; i < depth && cause instanceof Error; i++) {
    const { code, severity } = cause as Error & Readonly<Record<string, unknown>>;
    if (typeof severity === 'string' && typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code;
    cause = cause.cause;
  }
  return null;
}

/**
 * Connection exceptions, rollbacks of its own accord, insufficient resources, an operator who stops it; a lock that
 * was not had in time; a transaction that was idle for too long.
 */
const passing = /^(?:08|40|53|57)|^55P03$|^25P0[34]$/;

/** Whether the same may go well a while later. Before its commit was sent, nothing of a transaction was taken then. */
export function isPassing(error: unknown): boolean {
  return passing.test(sqlStateOf(error) ?? '');
}

/** Whether the database ends the connection with this: it was told to stop, or waited for too long. */
export function endsConnection(error: unknown): boolean {
  return /^(?:08|57P)|^25P0[34]$/.test(sqlStateOf(error) ?? '');
}

/** Whether what failed at the commit is known to have been undone: serialization failure, deadlock. */
export function isRolledBack(error: unknown): boolean {
  return ['40001', '40P01', '40002'].includes(sqlStateOf(error) ?? '');
}

/** For whoever asked: nothing was taken, and the same may go well in a while. */
export function away(cause: unknown): Refusal {
  return new Refusal('store.away', { params: { after: 1 }, cause });
}

/** What goes on to whoever only read: what passes is told as such. */
export function told(error: unknown): unknown {
  return isPassing(error) ? away(error) : error;
}
