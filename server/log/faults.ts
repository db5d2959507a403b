/** Tells errors of the store, and of the machine under it, from bugs in what judges and folds one statement. */

/**
 * Primary result codes of SQLite that blame one SQL statement or its values, and say nothing against the file:
 * ERROR, TOOBIG, CONSTRAINT, MISMATCH, RANGE. After any other (IOERR, FULL, CORRUPT, NOMEM, ...) nobody knows.
 */
const ofOneStatement: ReadonlySet<number> = new Set([1, 18, 19, 20, 25]);
/** The same of PostgreSQL, by classes of SQLSTATE: cardinality, data, constraints, syntax, limits of the program. */
const ofOneQuery = /^(?:21|22|23|42|54)/;
/** Causes looked at. */
const depth = 8;

/** Whether the error, or what caused it, is the store's or the system's (such as ENOSPC, EIO). */
export function blamesStore(error: unknown): boolean {
  let cause = error;
  for (let i = 0; i < depth && cause instanceof Error; i++) {
    const { code, errcode, errno, severity, syscall } = cause as Error & Readonly<Record<string, unknown>>;
    // Extended result codes hold the primary one in their lowest byte.
    if (typeof errcode === 'number' && !ofOneStatement.has(errcode & 0xff)) return true;
    if (code === 'ERR_SQLITE_ERROR' && typeof errcode !== 'number') return true;
    if (typeof severity === 'string' && !ofOneQuery.test(String(code))) return true;
    if (typeof errno === 'number' || typeof syscall === 'string') return true;
    cause = cause.cause;
  }
  return false;
}
