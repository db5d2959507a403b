/**
 * A route, declared: who may call it, what it takes, what it answers. From the same declaration come the check of
 * what is taken, the machine's description, and the table that a test walks as every kind of viewer.
 */

import type { Readable } from 'node:stream';
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Viewer } from '../release/viewer.ts';
import type { Moment } from './context.ts';
import type { Session } from './viewer.ts';

/**
 * `anyone`: the public sees what is public, and with a session what the session may. `party`: only with a session.
 * `operator`: who runs the machine.
 */
export const callers = ['anyone', 'party', 'operator'] as const;
export type Caller = (typeof callers)[number];

/** What goes back. A stream is sent as fast as it is read. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly type: string | null;
  readonly body: string | Bytes | Readable | null;
}

/** A request, checked. */
export interface Asked<P = unknown, Q = unknown, B = unknown> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly request: FastifyRequest;
  /** Null: the public. */
  readonly session: Session | null;
  /** Does the work as this viewer, in one moment of the store. @throws session.unknown, device.* */
  see<T>(work: (viewer: Viewer, moment: Moment) => Promise<T>): Promise<T>;
}

/** What a status answers with: a schema for JSON, or only a media type. */
export interface Described {
  readonly type: string;
  readonly schema: z.ZodType | null;
  readonly about: string;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly viewer: Caller;
  readonly about: string;
  readonly params: z.ZodObject | null;
  readonly query: z.ZodObject | null;
  /** Media type and, for JSON, its shape. */
  readonly body: { readonly type: string; readonly schema: z.ZodType | null } | null;
  readonly answers: Readonly<Record<number, Described>>;
  /** Media types of a body that the handler reads from the stream itself, whichever it is. */
  readonly streams: readonly string[];
  /** Also answers HEAD: only where an answer costs nothing and leaves no trace. */
  readonly head: boolean;
  /**
   * Calls to it are not counted with the others of an address: supervisors ask often, from one place. Where a token
   * can be guessed at they are counted apart.
   */
  readonly uncounted: boolean;
  /** What it takes may be large, and its sender slow. */
  readonly slow: boolean;
  /** Who cannot keep up turns everything else away first, where the body is small. */
  readonly spared: boolean;
  /** It counts a session itself, once it knows what is said. */
  readonly counts: boolean;
  /** Whether the token of a connector opens it. */
  readonly connectors: boolean;
  readonly handle: (asked: Asked<never, never, never>) => Promise<Answer>;
}

type Shape = z.ZodObject | undefined;
type Given<S> = S extends z.ZodType ? z.infer<S> : undefined;

interface Declared<P extends Shape, Q extends Shape, B extends z.ZodType | undefined> {
  readonly method?: Route['method'];
  readonly path: string;
  readonly viewer: Caller;
  readonly about: string;
  readonly params?: P;
  readonly query?: Q;
  /** JSON. */
  readonly body?: B;
  /** Another body, which the handler reads from the stream itself. */
  readonly streamed?: string;
  /** The same, of several types. */
  readonly streams?: readonly string[];
  readonly answers: Route['answers'];
  readonly head?: boolean;
  readonly uncounted?: boolean;
  readonly slow?: boolean;
  readonly spared?: boolean;
  readonly counts?: boolean;
  /** Where nothing is said, connectors may only read, and only what is there for the public and for parties alike. */
  readonly connectors?: boolean;
  readonly handle: (asked: Asked<Given<P>, Given<Q>, Given<B>>) => Promise<Answer>;
}

/** A parameter that a route does not know is refused, never passed over. */
const nothing = z.strictObject({});

export function route<
  P extends Shape = undefined,
  Q extends Shape = undefined,
  B extends z.ZodType | undefined = undefined,
>(declared: Declared<P, Q, B>): Route {
  const { method = 'GET', path, viewer, about, params, query, body, streamed, answers } = declared;
  const { head = false, uncounted = false, slow = false, streams = [], handle } = declared;
  const { spared = false, counts = false } = declared;
  const [stream = streamed] = streams;
  const { connectors = method === 'GET' && viewer === 'anyone' } = declared;
  return {
    method,
    path,
    viewer,
    about,
    params: params ?? null,
    query: query ?? nothing,
    body: body ? { type: 'application/json', schema: body } : stream ? { type: stream, schema: null } : null,
    answers,
    streams,
    head,
    uncounted,
    slow,
    spared,
    counts,
    connectors,
    handle: handle as Route['handle'],
  };
}

export const jsonType = 'application/json; charset=utf-8';

export function json(value: unknown, status = 200): Answer {
  return { status, type: jsonType, body: JSON.stringify(value) };
}

export function described(about: string, schema: z.ZodType): Described {
  return { type: 'application/json', schema, about };
}

/** @throws query.malformed, body.malformed */
export function taken<T>(
  schema: z.ZodType<T> | null,
  value: unknown,
  code: 'query.malformed' | 'body.malformed',
): T {
  if (schema === null) return undefined as T;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  // What is not known here is named by zod's message; the value is never quoted.
  throw new Refusal(code, { at: `/${issue?.path.join('/') ?? ''}`, detail: issue?.message ?? '' });
}
