/** Stands between a log and who reads it, as a host can: what goes out is what `alter` makes of it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bytes } from '@parley/core/bytes.ts';

/** @param path below the log, such as `tile/0/000`. Null: it is not there. */
export type Alter = (path: string, body: Bytes) => Bytes | null;

export interface Altering {
  /** To be read in place of the log's. */
  readonly url: string;
  end(): Promise<void>;
}

/** @param log where the log is served, without a slash at the end */
export async function altering(log: string, alter: Alter): Promise<Altering> {
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').replace(/^\/+/, '');
    const answer = await fetch(`${log}/${path}`);
    const body = new Uint8Array(await answer.arrayBuffer());
    const altered = answer.ok ? alter(path, body) : body;
    response.statusCode = altered === null ? 404 : answer.status;
    response.end(altered ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async end() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The same bytes with one bit of one of them changed. */
export function flipped(body: Bytes, at: number): Bytes {
  const copy = body.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
