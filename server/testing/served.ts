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
  // Nobody is turned away because the machine is busy with something else.
  const app = await createServer(context, { log: createLog('silent'), lateness: 0, ...options });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    world,
    url: `http://127.0.0.1:${port}`,
    table: app.table,
    async end() {
      stopping = true;
      const closed = app.close();
      // A client's connection that has asked nothing would be waited for.
      setTimeout(() => app.server.closeAllConnections(), 200).unref();
      await closed;
      await world.end();
    },
  };
}

export async function beginServed(
  options: Partial<ServerOptions> = {},
  about: Parameters<typeof World.begin>[0] = {},
): Promise<Served> {
  return serve(await World.begin(about), options);
}
