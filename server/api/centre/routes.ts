/** Who this centre is, and how it is. */
import { timingSafeEqual } from 'node:crypto';
import { utf8 } from '@parley/core/bytes.ts';
import { classifications } from '@parley/core/classification.ts';
import { Refusal } from '@parley/core/errors.ts';
import { textOf } from '@parley/core/fields.ts';
import { maxFiles } from '@parley/core/files.ts';
import { maxPartBytes, maxParts } from '@parley/core/parts.ts';
import { purposes } from '@parley/core/purposes.ts';
import { sha256 } from '@parley/core/sha256.ts';
import { maxHeaderBytes } from '@parley/core/statement.ts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { releaseAccreditation } from '../../release/accreditation.ts';
import type { ApiContext } from '../context.ts';
import { described, json, type Route, route } from '../route.ts';
import { partyId, prefix, purposeId, statementRef, time } from '../shapes.ts';
import { landingPage } from './landing.ts';

export interface CentreOptions {
  /** The largest body that is read. */
  readonly body: number;
  /** Who fetches the figures says it as a bearer token; null: only this machine may, and not through a proxy. */
  readonly metricsToken: string | null;
}

const infoShape = z.strictObject({
  centre: z.string(),
  origin: z.string(),
  logs: z.array(z.string()).describe('C2SP vkeys'),
  history: z
    .array(
      z.strictObject({
        origin: z.string(),
        logs: z.array(z.string()),
        from: z.int(),
        statement: statementRef,
      }),
    )
    .describe('Its logs, this one the last: the index from which each goes on, and what opened it'),
  party: partyId,
  host: partyId.nullable(),
  purposes: z.array(
    z.strictObject({ id: purposeId, title: z.record(z.string(), z.string()), basis: z.string() }),
  ),
  accredited: z.strictObject({ highest: z.enum(classifications), statement: statementRef.nullable() }),
  limits: z.strictObject({ header: z.int(), parts: z.int(), partBytes: z.int(), body: z.int() }),
  files: z.strictObject({ most: z.int(), bytes: z.int(), types: z.array(z.string()) }),
  time,
});

export function centreRoutes(context: ApiContext, options: CentreOptions): Route[] {
  return [info(context, options.body), landing(context), health(), ready(context), metrics(context, options)];
}

function info({ info, now, read, files: { limits: taken } }: ApiContext, body: number): Route {
  const limits = { header: maxHeaderBytes, parts: maxParts, partBytes: maxPartBytes, body };
  const files = { most: maxFiles, bytes: taken.file, types: [...taken.types] };
  const { centre, origin, logs, history, party, host } = info;
  return route({
    path: `${prefix}/centre`,
    viewer: 'anyone',
    about: 'Who this centre is, which log it keeps, and what it takes',
    answers: { 200: described('The centre', infoShape) },
    head: true,
    async handle() {
      const { value: accredited } = await read(({ sources }) => releaseAccreditation(sources));
      const about = { centre, origin, logs, history, party, host, purposes, accredited, limits, files };
      return json({ ...about, time: textOf(now()) });
    },
  });
}

function landing({ info, read }: ApiContext): Route {
  return route({
    path: '/',
    viewer: 'anyone',
    about: 'What this is, and what its host can read',
    answers: { 200: { type: 'text/html', schema: null, about: 'A page' } },
    head: true,
    async handle() {
      const { value } = await read(({ sources }) => releaseAccreditation(sources));
      return { status: 200, type: 'text/html; charset=utf-8', body: landingPage(info, value.highest) };
    },
  });
}

const statusShape = z.strictObject({ status: z.literal('ok') });
const ok = json({ status: 'ok' });

function health(): Route {
  return route({
    path: '/health',
    viewer: 'anyone',
    about: 'The process lives',
    answers: { 200: described('It does', statusShape) },
    head: true,
    uncounted: true,
    handle: async () => ok,
  });
}

function ready({ checkReady }: ApiContext): Route {
  return route({
    path: '/ready',
    viewer: 'anyone',
    about: 'It can take statements',
    answers: { 200: described('It can', statusShape) },
    head: true,
    uncounted: true,
    async handle() {
      await checkReady();
      return ok;
    },
  });
}

/** To anybody else the route is not there: figures tell what goes on. */
function metrics({ metrics }: ApiContext, { metricsToken }: CentreOptions): Route {
  return route({
    path: '/metrics',
    viewer: 'operator',
    about: 'Figures for Prometheus',
    answers: { 200: { type: 'text/plain', schema: null, about: 'Figures' } },
    uncounted: true,
    async handle({ request }) {
      const known = metricsToken === null ? isHere(request) : says(request, `Bearer ${metricsToken}`);
      if (!known) throw new Refusal('absent');
      return { status: 200, type: metrics.type, body: await metrics.text() };
    },
  });
}

/** The time that it takes tells of a hash only. */
function says({ headers }: FastifyRequest, wanted: string): boolean {
  return timingSafeEqual(sha256(utf8(headers.authorization ?? '')), sha256(utf8(wanted)));
}

const loopback = /^(?:127\.|::1$|::ffff:127\.)/;

export const loopbackHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * From this machine itself: a proxy on it, which speaks for others, says so in a header. A page in a browser on it
 * can have its own name lead here (DNS rebinding), and then asks for that name.
 */
function isHere({ raw, headers }: FastifyRequest): boolean {
  if (!loopbackHost.test(headers.host ?? '')) return false;
  const forwarded = 'x-forwarded-for' in headers || 'forwarded' in headers || 'via' in headers;
  return !forwarded && loopback.test(raw.socket.remoteAddress ?? '');
}
