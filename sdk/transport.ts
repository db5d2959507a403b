/** HTTP as the SDK uses it: one base, problem details as refusals, bounded answers, retries where they are safe. */
import { type Bytes, concat, fromUtf8 } from '@parley/core/bytes.ts';
import { isCode, type Params, Refusal } from '@parley/core/errors.ts';
import { z } from 'zod';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly token?: string | null;
  readonly query?: Readonly<Record<string, string | number | null | undefined>>;
  readonly type?: string;
  readonly body?: Bytes | string | Blob;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sending it twice is the same as once. GET and DELETE are so by themselves. */
  readonly repeatable?: boolean;
  /** Milliseconds until it begins to answer; what is large takes longer to arrive. */
  readonly within?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Transport {
  readonly base: string;
  /** @throws centre.unreachable, and what the centre answered. Waits and retries while the centre is busy. */
  open(path: string, call?: Call): Promise<Response>;
}

/** The most that an answer that is not streamed may hold. */
const answerLimit = 16 * 1024 * 1024;
const problemLimit = 64 * 1024;
const answerWithin = 60_000;
const attempts = 5;
const longestWait = 30;

/** @param url where the centre is, with its path where it has one */
export function transport(url: string, fetch: Fetch = (at, init) => globalThis.fetch(at, init)): Transport {
  const base = url.endsWith('/') ? url : `${url}/`;
  if (!URL.canParse(base)) throw new Refusal('command.usage', { detail: 'not the address of a centre' });
  return { base, open: (path, call = {}) => openPatiently(fetch, address(base, path, call), call) };
}

function address(base: string, path: string, { query = {} }: Call): string {
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.href;
}

async function openPatiently(fetch: Fetch, url: string, call: Call): Promise<Response> {
  const repeatable = call.repeatable ?? (call.method ?? 'GET') !== 'POST';
  for (let attempt = 1; ; attempt++) {
    const response = await send(fetch, url, call);
    if (response.ok) return response;
    const refusal = await refusalFrom(response);
    const wait = waitFor(response, refusal, attempt);
    if (refusal.class !== 'busy' || !repeatable || attempt >= attempts || wait > longestWait) throw refusal;
    await sleep(wait * 1000, call.signal);
  }
}

async function send(fetch: Fetch, url: string, call: Call): Promise<Response> {
  const { method = 'GET', token = null, body, type, headers = {}, within = answerWithin, signal } = call;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error('no answer in time')), within);
  try {
    return await fetch(url, {
      method,
      ...(body === undefined ? {} : { body }),
      headers: {
        ...(type === undefined ? {} : { 'content-type': type }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      // A redirect could lead the token, or what is said, to somebody else.
      redirect: 'error',
      cache: 'no-store',
      credentials: 'omit',
    });
  } catch (cause) {
    throw unreachable(url, cause);
  } finally {
    clearTimeout(timer);
  }
}

function unreachable(url: string, cause: unknown): Refusal {
  return new Refusal('centre.unreachable', { detail: new URL(url).host, cause });
}

const problem = z.object({
  code: z.string(),
  at: z.string().nullish(),
  detail: z.string().nullish(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullish(),
});

/** RFC 9457. What is not a problem of ours says only its status. */
async function refusalFrom(response: Response): Promise<Refusal> {
  const body = await readBytes(response, problemLimit).catch(() => new Uint8Array(0));
  const result = problem.safeParse(jsonOf(body));
  if (!result.success)
    return new Refusal('fault', {
      detail: `the centre answered ${response.status}`,
      params: { status: response.status },
    });
  const { code, at, detail, params } = result.data;
  if (!isCode(code)) return new Refusal('fault', { detail: detail ?? code, params: { code } });
  const about = { ...(at ? { at } : {}), ...(detail ? { detail } : {}), params: (params ?? {}) as Params };
  return new Refusal(code, about);
}

function jsonOf(bytes: Bytes): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    return null;
  }
}

/** Seconds: as the centre asks, else longer each time. */
function waitFor(response: Response, refusal: Refusal, attempt: number): number {
  const asked = Number(response.headers.get('retry-after') ?? refusal.params.after ?? Number.NaN);
  return Number.isFinite(asked) && asked >= 0 ? asked : 2 ** (attempt - 2);
}

/** Ends early, without an error, when the signal says so. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** The body by pieces. @throws centre.unreachable when it breaks off */
export async function* chunksOf(response: Response): AsyncGenerator<Bytes, void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw unreachable(response.url || 'http://centre', cause);
      });
      if (done) return;
      yield value;
    }
  } finally {
    // Whoever stops reading early lets go of the connection.
    await reader.cancel().catch(() => undefined);
  }
}

/** @throws read.unproven when it is longer than any honest answer */
export async function readBytes(response: Response, limit = answerLimit): Promise<Bytes> {
  const pieces: Bytes[] = [];
  let length = 0;
  for await (const piece of chunksOf(response)) {
    length += piece.length;
    if (length > limit)
      throw new Refusal('read.unproven', { detail: 'the answer is too long', params: { limit } });
    pieces.push(piece);
  }
  return concat(...pieces);
}

/** @throws read.unproven when it is not of the shape */
export async function readJson<T>(response: Response, schema: z.ZodType<T>): Promise<T> {
  return shaped(schema, jsonOf(await readBytes(response)), '');
}

/** @throws read.unproven */
export function shaped<T>(schema: z.ZodType<T>, value: unknown, at: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = [at, ...(issue?.path ?? [])].join('/');
  throw new Refusal('read.unproven', { at: place, detail: issue?.message ?? 'another shape than promised' });
}
