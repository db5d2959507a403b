/** Several instances of one centre on one database, each with a folder and doors of its own; and what stands before them. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Served, serve } from '../../server/testing/served.ts';
import { World } from '../../server/testing/world.ts';

export interface Instances {
  readonly all: readonly Served[];
  /** Gives each request to the next instance. */
  readonly url: string;
  end(): Promise<void>;
}

/** @param count of instances; the first has made the centre */
export async function beginInstances(count: number): Promise<Instances> {
  const first = await World.begin({ ownThread: true });
  const all = [await serve(first, open)];
  for (let i = 1; i < count; i++) all.push(await serve(await first.beside(), open));
  const balancer = await balance(all.map(({ url }) => url));
  return {
    all,
    url: balancer.url,
    async end() {
      balancer.close();
      // The first one's last, since the database goes with it.
      for (const { end } of all.toReversed()) await end();
    },
  };
}

const open = { rates: { perAddress: 1_000_000, perParty: 1_000_000 } };

async function balance(urls: readonly string[]): Promise<{ url: string; close(): void }> {
  let turn = 0;
  const server = createServer((asked, answer) => {
    const { hostname, port } = new URL(urls[turn++ % urls.length] ?? '');
    const { method, url: path, headers } = asked;
    const passed = request({ hostname, port, method, path, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    answer.on('close', () => passed.destroy());
    asked.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
