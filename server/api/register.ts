/** From declared routes to registered ones. A route that does not say who may call it does not start. */
import { type Bytes, base64url, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { sha256 } from '@parley/core/sha256.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Holder } from '../journals/connectors.ts';
import type { ApiContext } from './context.ts';
import { askerOf, type PartyLimit } from './limits.ts';
import { schemaOf } from './openapi.ts';
import {
  type Answer,
  type Asked,
  type Caller,
  callers,
  jsonType,
  type Route,
  route,
  taken,
} from './route.ts';
import type { Entry } from './routes-table.ts';
import { type Session, sessionOf, viewerOf } from './viewer.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    viewer?: Caller;
    uncounted?: boolean;
    slow?: boolean;
    spared?: boolean;
    counts?: boolean;
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
    const { viewer, connectors, counts } = request.routeOptions.config;
    if (viewer === undefined || viewer === 'operator') return;
    request.session = await sessionOf(request, context, (holder) => {
      request.connector = holder;
    });
    if (request.session) {
      if (!counts || request.session.connector) await limit.take(request, askerOf(request.session));
    } else if (viewer === 'party') throw new Refusal('session.needed');
    if (request.session?.connector && !connectors) throw new Refusal('connector.route');
  });
  measure(app, context);
  for (const one of [...routes, description(app)]) add(app, one, context);
  addOptions(app, routes);
  app.setNotFoundHandler(() => {
    throw new Refusal('method.absent');
  });
}

function add(app: FastifyInstance, one: Route, context: ApiContext): void {
  const { method, path, viewer, uncounted, slow, spared, counts, connectors, head, streams } = one;
  if (streams.length > 0) {
    addStreamed(app, one, context);
    return;
  }
  app.route({
    method: head ? [method, 'HEAD'] : method,
    url: path,
    config: { viewer, uncounted, slow, spared, counts, connectors },
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

function askedOf({ params, query, body }: Route, request: FastifyRequest, context: ApiContext) {
  const { session } = request;
  const asked: Asked = {
    params: taken(params, request.params, 'query.malformed'),
    query: taken(query, request.query, 'query.malformed'),
    body: taken(body?.schema ?? null, request.body, 'body.malformed'),
    request,
    session,
    see: (work) =>
      context.read(async (moment) => {
        const viewer = await viewerOf(session, moment.sources).catch((e) => endLeft(e, session, context));
        return work(viewer, moment);
      }),
  };
  return asked as Asked<never, never, never>;
}

/** Else what asks with it would go on being counted against its party: see `Sessions.endRevoked`. */
async function endLeft(error: unknown, session: Session | null, { journals }: ApiContext): Promise<never> {
  if (error instanceof Refusal && error.code === 'device.revoked' && session?.connector === null)
    await journals.sessions.end(session.token);
  throw error;
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

/** Built once: it is the same for all, and would cost more than anything else that anybody may ask for. */
function description(app: FastifyInstance): Route {
  let built: { readonly bytes: Bytes; readonly etag: string } | undefined;
  return route({
    path: '/openapi.json',
    viewer: 'anyone',
    about: 'This description',
    answers: {
      200: { type: 'application/json', schema: null, about: 'OpenAPI 3.1' },
      304: { type: '', schema: null, about: 'It is what the asker has' },
    },
    async handle({ request }) {
      built ??= tagged(utf8(JSON.stringify(app.swagger())));
      const { bytes, etag } = built;
      const headers = { etag, 'cache-control': 'no-cache' };
      // RFC 9110, 13.1.2: a list, and marks of weakness do not count.
      const known = (request.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim());
      if (known.some((tag) => tag === '*' || tag.replace(/^W\//, '') === etag))
        return { status: 304, headers, type: null, body: null };
      return { status: 200, headers, type: jsonType, body: bytes };
    },
  });
}

function tagged(bytes: Bytes) {
  return { bytes, etag: `"${base64url(sha256(bytes))}"` };
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
