/** A centre with its doors open on loopback, for tests that come from outside. */
import type { AddressInfo } from 'node:net';
import { createLog } from '../api/logging.ts';
import { createMetrics } from '../api/metrics.ts';
import type { Entry } from '../api/routes-table.ts';
import { createServer, type ServerOptions } from '../api/server.ts';
import { apiContext } from '../context.ts';
import { World } from './world.ts';

export interface Served {
  readonly world: World;
  readonly url: string;
  /** Every route and verb, as registered. */
  readonly table: readonly Entry[];
  end(): Promise<void>;
}

export async function serve(world: World, options: Partial<ServerOptions> = {}): Promise<Served> {
  const { centre } = world;
  const metrics = createMetrics({
    logSize: () => centre.head()?.size ?? 0,
    queueLength: () => centre.waiting(),
    process: false,
  });
  let stopping = false;
  const context = await apiContext(centre, { metrics, stopping: () => stopping });
  const app = await createServer(context, { log: createLog('silent'), ...options });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    world,
    url: `http://127.0.0.1:${port}`,
    table: app.table,
    async end() {
      stopping = true;
      const timer = setInterval(() => { app.server.getConnections((e, n) => console.log('connections', n, [...((app.server as any)[Object.getOwnPropertySymbols(app.server).find((x) => String(x).includes('http.server.connections')) as any]?.active?.() ?? [])].map((x: any) => [x.url, x.socket?.readyState, x.socket?.bytesRead, x.socket?.bytesWritten]))); }, 3000);
      setTimeout(() => clearInterval(timer), 12000);

      await app.close();
      await world.end();
    },
  };
}

export async function beginServed(options: Partial<ServerOptions> = {}): Promise<Served> {
  return serve(await World.begin(), options);
}
