/** Which database, how it is reached, and what is said of it: never its password. */
import { Refusal } from '@parley/core/errors.ts';

/** What the URL may say beside host and database: nothing that opens files of this machine by surprise. */
const parameters: ReadonlySet<string> = new Set(['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'host']);

/** `postgres://user@host:5432/parley`, for people. */
export function shownTarget(url: string): string {
  const { protocol, username, host, pathname, searchParams } = new URL(url);
  const socket = searchParams.get('host');
  return `${protocol}//${username && `${username}@`}${socket ?? host}${pathname}`;
}

/**
 * What is wrong with it as a setting, or null. A password does not belong into a configuration or a command line; and
 * beyond this machine, who stands between reads and changes everything unless TLS is asked for, or given up by name.
 */
export function wrongInTarget(text: string): string | null {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return 'it takes a URL such as postgres://parley@db.example/parley?sslmode=verify-full';
  }
  if (!['postgres:', 'postgresql:'].includes(url.protocol)) return 'it begins with postgres://';
  if (url.password !== '')
    return 'no password here: give it as PGPASSWORD, in the file of PGPASSFILE, or in databasePasswordFile';
  if (url.pathname.length < 2) return 'it names the database: postgres://host/NAME';
  const unknown = [...url.searchParams.keys()].find((key) => !parameters.has(key));
  if (unknown !== undefined) return `no parameter ${unknown} here: ${[...parameters].join(', ')}`;
  return wrongTls(url);
}

function wrongTls({ hostname, searchParams }: URL): string | null {
  const mode = searchParams.get('sslmode');
  if (mode !== null && mode !== 'verify-full' && mode !== 'disable')
    return 'sslmode is verify-full, or disable where the network itself is protected';
  const local = ['', 'localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return mode !== null || local || searchParams.get('host')?.startsWith('/')
    ? null
    : 'beyond this machine it takes sslmode=verify-full, or disable where the network itself is protected';
}

/** With its password, for the connection alone: this must not be shown. */
export function withPassword(url: string, password: string): string {
  const target = new URL(url);
  target.password = encodeURIComponent(password);
  return target.href;
}

/** What a connection that could not be made says to whoever starts a centre. */
export function refusedConnection(url: string, error: unknown): Refusal {
  const at = shownTarget(url);
  const { code, message } = error as { readonly code?: string; readonly message: string };
  if (code === '3D000')
    return new Refusal('store.absent', { at, detail: 'there is no such database: createdb makes one' });
  if (/^28/.test(code ?? '') || /SASL|password/i.test(message))
    return new Refusal('config.value', {
      at: 'database',
      detail: `the database does not let this user in: ${message}; the password is given as PGPASSWORD, in the file of PGPASSFILE, or in databasePasswordFile`,
      cause: error,
    });
  if (/SSL|certificate|altnames/i.test(`${code} ${message}`))
    return new Refusal('config.value', {
      at: 'database',
      detail: `no TLS with it: ${message}`,
      cause: error,
    });
  return new Refusal('store.away', {
    at,
    detail: `${message || code}: start the database, or name another in "database"`,
    params: { after: 1 },
    cause: error,
  });
}
