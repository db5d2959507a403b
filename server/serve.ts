/** A centre from its configuration to its open doors, and calmly back. */
import { timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '@parley/core/errors.ts';
import type { FastifyInstance } from 'fastify';
import type { Logger } from './api/logging.ts';
import type { Metrics } from './api/metrics.ts';
import { traceOf } from './api/problems.ts';
import { type Centre, openCentre } from './app.ts';
import { vaultOf } from './at-rest.ts';
import { fileOptions } from './centre-files.ts';
import { type Config, needed } from './config.ts';
import { databaseOf } from './database.ts';
import { holdFolder } from './folder-lock.ts';
import { policyOf } from './policy.ts';
import type { WarmWriter } from './start-writer.ts';

export interface ServeOptions {
  readonly log: Logger;
  /** Where the key of an encrypted store may stand; left out: that of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Someone has just looked at the clock. */
  readonly clockConfirmed: boolean;
  /** See `CentreOptions`. */
  readonly warm?: WarmWriter;
  /** The process must end with status 75. */
  readonly onDoubt: (cause: unknown) => void;
}

export interface Served {
  readonly centre: Centre;
  /** Where it listens, ending with a slash. */
  readonly url: string;
  /** Where figures are served, when they have a port of their own. */
  readonly metricsUrl: string | null;
  /** Takes nothing more, answers what runs within some seconds, and ends. */
  stop(): Promise<void>;
}

/** Milliseconds for what runs when the centre stops. */
const patience = 10_000;

/** What answers: loaded while the writer's thread loads what it needs, since a start is mostly loading. */
async function loadDoors() {
  const [server, metrics, context, landing] = await Promise.all([
    import('./api/server.ts'),
    import('./api/metrics.ts'),
    import('./context.ts'),
    import('./api/centre/routes.ts'),
  ]);
  return { ...server, ...metrics, ...context, ...landing };
}

/** @throws config.value, file.unreadable, policy.malformed, store.held, and what `openCentre` throws */
export async function serveCentre(config: Config, options: ServeOptions): Promise<Served> {
  const { log, env = process.env, clockConfirmed, onDoubt } = options;
  const [name, folder] = [needed(config, 'centre'), needed(config, 'folder')];
  const given = filesOf(config);
  // Ends what runs by then, the last first: when the start is refused, and when the centre stops.
  await using starting = new AsyncDisposableStack();
  const held = holdFolder(folder);
  starting.defer(() => held.release());
  const centre = await openCentre({
    ...{
      centre: name,
      folder,
      clockConfirmed,
      onDoubt,
      vault: vaultOf(config, env),
      database: databaseOf(config),
      accredited: config.accredited,
    },
    ...(given.policy ? { policy: given.policy } : {}),
    files: fileOptions(config),
    replicas: { required: config['replicas.required'], seconds: config['replicas.seconds'] },
    onTrouble: (what, cause) => log.warn({ what, fault: traceOf(cause) }, 'trouble'),
    meanwhile: loadDoors,
    ...(options.warm ? { warm: options.warm } : {}),
  });
  const { createServer, createMetrics, apiContext, loopbackHost } = await loadDoors();
  starting.defer(() => centre.stop());
  await warnOfHigher(centre, log);
  const metrics = createMetrics({
    logSize: () => centre.head()?.size ?? 0,
    queueLength: () => centre.waiting(),
  });
  let stopping = false;
  const context = await apiContext(centre, { metrics: shownIn(config, metrics), stopping: () => stopping });
  const app = await createServer(context, {
    log,
    tls: given.tls,
    trustProxy: config.trustProxy,
    metricsToken: given.token,
    rates: { perAddress: config['limits.address'], perParty: config['limits.party'] },
  });
  starting.defer(() => closeWithin(app, patience));
  const url = await listen(app, config);
  const figures = await serveFigures(config, metrics, given.token, loopbackHost);
  if (figures) starting.defer(() => figures.close());
  const running = starting.move();
  log.info({ url, centre: centre.name, records: centre.head()?.size ?? 0 }, 'listening');
  return {
    centre,
    url,
    metricsUrl: figures?.url ?? null,
    async stop() {
      stopping = true;
      await running.disposeAsync();
      log.info('stopped');
    },
  };
}

/**
 * An accreditation that was lowered takes nothing away from those who have it: whoever runs the centre must know, and
 * the originators find it among their tasks.
 */
async function warnOfHigher(centre: Centre, log: Logger): Promise<void> {
  const { highest, statements } = await centre.read(async ({ parties, objects }) => {
    const { highest } = await parties.accreditation();
    return { highest, statements: (await objects.above(highest, null)).length };
  });
  if (statements > 0) log.warn({ accredited: highest, statements }, 'holds what is classified higher');
}

/** Every file that the configuration names, read before anything starts. @throws file.unreadable, policy.malformed */
function filesOf(config: Config) {
  const [cert, key] = [config['tls.cert'], config['tls.key']];
  const token = config['metrics.token'];
  return {
    tls: cert && key ? { cert: textOf(cert), key: textOf(key) } : null,
    policy: policyOf(config),
    token: token ? textOf(token).trim() : null,
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Refusal('file.unreadable', { at: path, cause });
  }
}

async function listen(app: FastifyInstance, config: Config): Promise<string> {
  const [host, port] = [config['listen.host'], config['listen.port']];
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Refusal('config.value', {
      at: 'listen.port',
      detail:
        code === 'EADDRINUSE'
          ? `something else listens at ${host}:${port}; name another port in listen.port or PARLEY_LISTEN_PORT`
          : `${host}:${port}: ${code ?? 'refused'}`,
      cause,
    });
  }
  return urlOf(app.server as Server, config['tls.cert'] === null ? 'http' : 'https', host);
}

function urlOf(server: Server, scheme: string, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}

/** Streams are ended at once; other requests have a while. */
async function closeWithin(app: FastifyInstance, ms: number): Promise<void> {
  const closed = app.close();
  const late = new AbortController();
  const timeout = pause(ms, undefined, { signal: late.signal })
    .then(() => app.server.closeAllConnections())
    .catch(() => {});
  await closed;
  late.abort();
  await timeout;
}

/** Beside the API, the figures are served unless they are off, or have a port of their own. */
function shownIn(config: Config, metrics: Metrics): Metrics {
  if (config['metrics.on'] && config['metrics.port'] === null) return metrics;
  return {
    ...metrics,
    text: async () => {
      throw new Refusal('absent');
    },
  };
}

interface Figures {
  readonly url: string;
  close(): Promise<void>;
}

/** For this machine alone, and for who knows the token where there is one. */
async function serveFigures(
  config: Config,
  metrics: Metrics,
  token: string | null,
  loopbackHost: RegExp,
): Promise<Figures | null> {
  const port = config['metrics.port'];
  if (!config['metrics.on'] || port === null) return null;
  const wait = window(config['limits.address']);
  const server = createHttpServer(async ({ method, url, headers }, response) => {
    // Who is on this machine can guess at the token: no oftener here than at the doors.
    const seconds = wait();
    if (seconds > 0) return response.writeHead(429, { 'retry-after': String(seconds) }).end();
    // Without a token, a page of another name that a browser here has open must not read them (DNS rebinding).
    const known =
      token === null
        ? loopbackHost.test(headers.host ?? '')
        : sameText(headers.authorization ?? '', `Bearer ${token}`);
    if (method !== 'GET' || url !== '/metrics' || !known) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-type': metrics.type }).end(await metrics.text());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Refusal('config.value', { at: 'metrics.port', detail: String(port), cause })),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `${urlOf(server, 'http', '127.0.0.1')}metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @param most in a minute @returns seconds to wait: 0 where one more may come, which is counted */
function window(most: number): () => number {
  const minute = 60_000;
  let [since, count] = [performance.now(), 0];
  return () => {
    const now = performance.now();
    if (now - since >= minute) [since, count] = [now, 0];
    count++;
    return count <= most ? 0 : Math.ceil((since + minute - now) / 1_000);
  };
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
