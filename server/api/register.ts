/** From declared routes to registered ones. A route that does not say who may call it does not start. */
import { Refusal } from '@parley/core/errors.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Holder } from '../journals/connectors.ts';
import type { ApiContext } from './context.ts';
import type { PartyLimit } from './limits.ts';
import { schemaOf } from './openapi.ts';
import { type Answer, type Asked, type Caller, callers, json, type Route, route, taken } from './route.ts';
import type { Entry } from './routes-table.ts';
import { type Session, sessionOf, viewerOf } from './viewer.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    viewer?: Caller;
    uncounted?: boolean;
    slow?: boolean;
    connectors?: boolean;
  }
  interface FastifyRequest {
    /** Null: the public. Found before the body is read. */
    session: Session | null;
    /** Whose token came, where it was a connector's, also if that one has ended. */
    connector: Holder | null;
  }
}

/** Fills itself with whatever is registered from now on, by whomever. */
export function keepTable(app: FastifyInstance): Entry[] {
  const table: Entry[] = [];
  app.addHook('onRoute', ({ method, url, config }) => {
    // A slip in the word must not be taken for another: what is not known is not open.
    if (!config?.viewer || !callers.includes(config.viewer))
      throw new Error(`the route ${url} does not say who may call it`);
    for (const one of [method].flat()) table.push({ method: one, path: url, viewer: config.viewer });
  });
  return table;
}

/** @param limit asked once a session has shown whose a request is */
export function register(
  app: FastifyInstance,
  context: ApiContext,
  routes: readonly Route[],
  limit: PartyLimit,
): void {
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
  app.decorateRequest('session', null);
  app.decorateRequest('connector', null);
  app.addHook('preParsing', async (request) => {
    const { viewer, connectors } = request.routeOptions.config;
    if (viewer === undefined || viewer === 'operator') return;
    request.session = await sessionOf(request, context, (holder) => {
      request.connector = holder;
    });
    if (request.session) await counted(request, request.session, limit);
    else if (viewer === 'party') throw new Refusal('session.needed');
    if (request.session?.connector && !connectors) throw new Refusal('connector.route');
  });
  measure(app, context);
  for (const one of [...routes, description(app)]) add(app, one, context);
  addOptions(app, routes);
  // What leads nowhere costs less than what does, and is counted all the same.
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, () => {
    throw new Refusal('method.absent');
  });
}

/** @throws rate.limited */
async function counted(
  request: FastifyRequest,
  { party, device, connector }: Session,
  limit: PartyLimit,
): Promise<void> {
  const asker = { party, device, connector: connector !== null };
  await limit.check(request, asker);
  await limit.count(request, asker);
}

function add(app: FastifyInstance, one: Route, context: ApiContext): void {
  const { method, path, viewer, uncounted, slow, connectors, head, streams } = one;
  if (streams.length > 0) {
    addStreamed(app, one, context);
    return;
  }
  app.route({
    method: head ? [method, 'HEAD'] : method,
    url: path,
    config: {
      viewer,
      uncounted,
      slow,
      connectors,
      ...(uncounted ? { rateLimit: viewer === 'operator' ? {} : false } : {}),
    },
    schema: schemaOf(one),
    handler: async (request, reply) => send(reply, await one.handle(askedOf(one, request, context))),
  });
}

/** In a scope of its own: elsewhere a body of these types is read whole. */
function addStreamed(app: FastifyInstance, one: Route, context: ApiContext): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser([...one.streams], (_request, stream, done) => done(null, stream));
    add(scope, { ...one, streams: [] }, context);
  });
}

function askedOf({ params, query, body }: Route, request: FastifyRequest, { read }: ApiContext) {
  const { session } = request;
  const asked: Asked = {
    params: taken(params, request.params, 'query.malformed'),
    query: taken(query, request.query, 'query.malformed'),
    body: taken(body?.schema ?? null, request.body, 'body.malformed'),
    request,
    session,
    see: (work) => read(async (moment) => work(await viewerOf(session, moment.sources), moment)),
  };
  return asked as Asked<never, never, never>;
}

function send(reply: FastifyReply, { status, headers, type, body }: Answer): FastifyReply {
  reply.code(status).header('cache-control', 'no-store');
  if (type !== null) reply.header('content-type', type);
  return reply.headers(headers ?? {}).send(body);
}

/** Without CORS: pages of other origins have nothing to ask here. */
function addOptions(app: FastifyInstance, routes: readonly Route[]): void {
  const verbs = new Map<string, string[]>();
  for (const { path, method, head } of routes) {
    const known = verbs.get(path) ?? ['OPTIONS'];
    verbs.set(path, [...known, method, ...(head ? ['HEAD'] : [])]);
  }
  for (const [url, allowed] of verbs) {
    const allow = allowed.sort().join(', ');
    const config = { viewer: 'anyone' as const, connectors: true };
    app.options(url, { config, schema: { hide: true } }, (_request, reply) =>
      send(reply, { status: 204, headers: { allow }, type: null, body: null }),
    );
  }
}

function description(app: FastifyInstance): Route {
  return route({
    path: '/openapi.json',
    viewer: 'anyone',
    about: 'This description',
    answers: { 200: { type: 'application/json', schema: null, about: 'OpenAPI 3.1' } },
    handle: async () => json(app.swagger()),
  });
}

function measure(app: FastifyInstance, { metrics }: ApiContext): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    const path = routeOptions.url ?? 'unknown';
    const { statusCode, elapsedTime } = reply;
    metrics.requested(method, path, statusCode, elapsedTime / 1000);
    request.log.info({ method, route: path, status: statusCode, ms: Math.round(elapsedTime) }, 'answered');
  });
}
