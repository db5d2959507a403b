/** The API on HTTP: routes as they are declared, behind limits on size, time and number. */

import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import swagger from '@fastify/swagger';
import underPressure from '@fastify/under-pressure';
import { Refusal } from '@parley/core/errors.ts';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import helmet from 'helmet';
import { acceptBodies } from './bodies.ts';
import { answerBrokenRequest } from './broken.ts';
import { limitConnections } from './connections.ts';
import type { ApiContext } from './context.ts';
import { defaultEventLimits, type EventLimits } from './events/routes.ts';
import { defaultRateLimits, limitAddresses, partyLimit, type RateLimits } from './limits.ts';
import type { Logger } from './logging.ts';
import { noteRefusal } from './noting.ts';
import { openApi } from './openapi.ts';
import { refuseOtherSites } from './origin.ts';
import { answerError } from './problems.ts';
import { keepTable, register } from './register.ts';
import { allRoutes, type Entry } from './routes-table.ts';
import { free } from './submit/intake.ts';

export interface ServerOptions {
  readonly log: Logger;
  /** PEM. Without it the server speaks plain HTTP: to this machine, or behind a proxy that speaks TLS. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | null;
  /** Addresses or networks of the proxies whose word on the client's address is taken. */
  readonly trustProxy?: readonly string[];
  /** See `CentreOptions`. */
  readonly metricsToken?: string | null;
  readonly rates?: RateLimits;
  readonly events?: EventLimits;
  readonly timeouts?: Timeouts;
  /** Connections at once, in all and of one address; more are closed. Behind proxies those hold them for everybody. */
  readonly connections?: number;
  readonly connectionsEach?: number;
  /** Milliseconds by which the event loop may be late before requests are turned away; 0: never. */
  readonly lateness?: number;
  /** Asked every second as well: whether it keeps up. */
  readonly keepsUp?: () => Promise<boolean>;
}

/** Milliseconds. */
export interface Timeouts {
  /** To send the headers, and to send all of a request; of one with a file. */
  readonly headers: number;
  readonly request: number;
  readonly file?: number;
  /** In which nothing is sent or taken. */
  readonly idle: number;
}

const defaultTimeouts: Timeouts = { headers: 15_000, request: 60_000, idle: 60_000 };
const fileTimeout = 30 * 60_000;

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route and verb, and who may call it. */
    readonly table: readonly Entry[];
  }
}

export async function createServer(context: ApiContext, options: ServerOptions): Promise<FastifyInstance> {
  const { rates = defaultRateLimits, events = defaultEventLimits, metricsToken = null } = options;
  const closing = new AbortController();
  const app = bareServer(context, options);
  app.decorate('table', keepTable(app));
  endConnections(app, context, closing);
  endSlow(app, options.timeouts ?? defaultTimeouts);
  app.setErrorHandler(
    answerError(context.info.centre, (refusal, request) => noteRefusal(refusal, request, context)),
  );
  // First, so that a refusal goes out no less guarded than an answer.
  protect(app);
  await limitAddresses(app, rates);
  refuseOtherSites(app);
  await turnAway(app, context, options);
  await app.register(swagger, { openapi: openApi, convertConstToEnum: false });
  acceptBodies(app);
  const limit = partyLimit(app, rates);
  const routes = allRoutes(context, { events, limit, closing: closing.signal, metricsToken });
  register(app, context, routes, limit);
  return app;
}

function bareServer(context: ApiContext, options: ServerOptions): FastifyInstance {
  const { log, tls = null, trustProxy = [], timeouts = defaultTimeouts, connections = 10_000 } = options;
  const times = { headersTimeout: timeouts.headers, connectionsCheckingInterval: 5_000 };
  const answer = answerError(context.info.centre);
  const app = fastify({
    ...(tls ? { https: { ...tls, ...times } } : { http: times }),
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request' }),
    genReqId: () => randomUUID(),
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    requestTimeout: Math.max(timeouts.request, timeouts.file ?? fileTimeout),
    connectionTimeout: timeouts.idle,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 128 },
    // A path that is no path: nothing was routed, so no hook has run.
    frameworkErrors: (_error, request, reply) =>
      answer(new Refusal('query.malformed', { detail: 'the path' }), request, reply),
    clientErrorHandler: answerBrokenRequest,
  }) as unknown as FastifyInstance;
  app.server.maxConnections = connections;
  if (trustProxy.length === 0) limitConnections(app.server, options.connectionsEach ?? 1_000);
  return app;
}

/** A connection that is kept alive would keep the server from closing until it times out. */
function endConnections(app: FastifyInstance, { stopping }: ApiContext, closing: AbortController): void {
  app.addHook('preClose', async () => closing.abort());
  app.addHook('onSend', async (_request, reply) => {
    if (closing.signal.aborted || stopping()) reply.header('connection', 'close');
  });
}

/** Node knows one time for all requests: the long one of files. What is no file has to be there much sooner. */
function endSlow(app: FastifyInstance, { request: patience }: Timeouts): void {
  app.addHook('onRequest', async ({ raw, routeOptions }) => {
    if (routeOptions.config?.slow || raw.complete) return;
    const timer = setTimeout(() => {
      if (!raw.complete) raw.socket.destroy();
    }, patience).unref();
    raw.once('close', () => clearTimeout(timer));
  });
}

/**
 * Who comes while the centre is stopping, or while it cannot keep up. Then those go first who would only read: small
 * statements, recalls and revocations among them, are taken as long as their address has requests left. What kind one
 * is stands in its body, which is not read here.
 */
async function turnAway(
  app: FastifyInstance,
  { stopping }: ApiContext,
  { lateness = 2_000, keepsUp }: ServerOptions,
): Promise<void> {
  app.addHook('onRequest', async (request) => {
    if (stopping() && !request.routeOptions.config.uncounted) throw new Refusal('stopping');
  });
  if (lateness === 0) return;
  await app.register(underPressure, {
    maxEventLoopDelay: lateness,
    ...(keepsUp ? { healthCheck: keepsUp, healthCheckInterval: 1_000 } : {}),
    pressureHandler: ({ routeOptions: { config }, headers }) => {
      if (config.uncounted || (config.spared && isSmall(headers))) return;
      throw new Refusal('queue.full', { params: { after: 10 } });
    },
  });
}

function isSmall({
  'content-length': length = '',
  'transfer-encoding': coding,
}: IncomingHttpHeaders): boolean {
  return coding === undefined && Number(length) <= free;
}

/**
 * The landing page needs nothing, and no answer may become part of another page. Made once: `@fastify/helmet` makes it
 * anew for each request.
 */
function protect(app: FastifyInstance): void {
  const guard = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
      },
    },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
  app.addHook('onRequest', (request, reply, done) =>
    guard(request.raw, reply.raw, (error) => done(error as Error | undefined)),
  );
}
