/**
 * The log of the process, as JSON lines: a line for each answer with route, status and time. Nothing of paths,
 * queries, headers, bodies or addresses: those hold ids, cursors and tokens.
 */
import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };

export const logLevels = ['silent', 'fatal', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** @param to standard output where nothing is said */
export function createLog(level: LogLevel, to?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    // Whatever a library logs of a request or an answer, this is what is left of it.
    serializers: { req: () => undefined, res: () => undefined, err: nameOf },
  };
  // Lines wait for each other, never a request for its line; what waits at the end of the process is written then.
  return pino(options, to ?? pino.destination({ dest: 1, sync: false }));
}

function nameOf(error: unknown): { name: string; code: unknown } {
  const { name = 'unknown', code } = error as { name?: string; code?: unknown };
  return { name, code };
}
