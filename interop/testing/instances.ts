/** Several instances of one centre on one database, each with a folder and doors of its own; and what stands before them. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathsIn } from '../../server/paths.ts';
import { located } from '../../server/testing/located.ts';
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
  const first = await World.begin();
  const all = [await serve(first, open)];
  for (let i = 1; i < count; i++) all.push(await serve(await beside(first), open));
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

/** On another machine: the keys, and where the database is. */
async function beside(first: World): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-'));
  const [from, to] = [pathsIn(first.folder), pathsIn(folder)];
  for (const file of ['logKeys', 'centreKey'] as const) copyFileSync(from[file], to[file]);
  writeFileSync(join(folder, 'database'), located(first.folder).database ?? '');
  const world = await World.on(folder);
  rmSync(join(folder, 'database'));
  return Object.assign(world, { host: first.host.in(world) });
}

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
