/** Refusals as problem details (RFC 9457). What is not a refusal tells nothing but the id under which it is logged. */
import { type Code, Refusal, type RefusalClass, titleOf } from '@parley/core/errors.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';

export const problemType = 'application/problem+json';

export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: ProblemBody;
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly code: Code;
  readonly at?: string;
  readonly params: Refusal['params'];
}

const statuses: Readonly<Record<RefusalClass, number>> = {
  malformed: 400,
  unauthenticated: 401,
  refused: 403,
  absent: 404,
  conflict: 409,
  'too-large': 413,
  // What a client sends to be proven, such as a chain of keys: it was read, and does not hold.
  unproven: 422,
  busy: 503,
  usage: 500,
  fault: 500,
};

/** @param centre its origin name, the realm of the challenge that a 401 carries */
export function problemOf(refusal: Refusal, centre: string): Problem {
  const { code, at, detail, params } = refusal;
  const status = code === 'rate.limited' ? 429 : statuses[refusal.class];
  const body = {
    type: `urn:parley:error:${code}`,
    title: titleOf(code),
    status,
    ...(detail ? { detail } : {}),
    code,
    ...(at ? { at } : {}),
    params,
  };
  return { status, headers: headersFor(refusal, centre), body };
}

function headersFor(refusal: Refusal, centre: string): Record<string, string | readonly string[]> {
  if (refusal.class === 'busy')
    return { 'retry-after': String(Math.ceil(Number(refusal.params.after ?? 1))) };
  // RFC 6750, 3: no error code where no token was given.
  const error = refusal.code === 'session.needed' ? '' : ', error="invalid_token"';
  if (refusal.class !== 'unauthenticated') return {};
  // RFC 7617: clients that know no other way bring the token of a connector as the password.
  const basic = `Basic realm="${centre}", charset="UTF-8"`;
  return { 'www-authenticate': [`Bearer realm="${centre}"${error}`, basic] };
}

/** What goes out for any error. A fault, whatever it holds, becomes the bare code with the id of the request. */
export function outward(error: unknown, id: string): Refusal {
  const refusal = error instanceof Refusal ? error : fromFramework(error);
  const fault = refusal === null || refusal.class === 'fault' || refusal.class === 'usage';
  return fault ? new Refusal('fault', { params: { request: id }, cause: error }) : refusal;
}

/** Fastify's own errors carry a status. Their messages may quote the request, so they stay here. */
function fromFramework(error: unknown): Refusal | null {
  if (!(error instanceof Error) || !('statusCode' in error)) return null;
  const { statusCode } = error;
  if (statusCode === 404) return new Refusal('method.absent');
  if (statusCode === 413) return new Refusal('body.too-large');
  if (statusCode === 415)
    return new Refusal('body.malformed', { at: 'content-type', detail: 'this route takes another type' });
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
    ? new Refusal('body.malformed', { cause: error })
    : null;
}

/** Fastify's error handler. @param note is told of what is refused, before it goes out */
export function answerError(
  centre: string,
  note: (refusal: Refusal, request: FastifyRequest) => void = () => {},
) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const refusal = outward(error, request.id);
    note(refusal, request);
    if (refusal.code === 'fault') request.log.error({ fault: traceOf(error) }, 'fault');
    const { status, headers, body } = problemOf(refusal, centre);
    // Whoever still sends would fill a connection that nobody reads from.
    if (!request.raw.complete) reply.header('connection', 'close');
    reply
      .code(status)
      .headers({ ...headers, 'content-type': problemType, 'cache-control': 'no-store' })
      .send(Buffer.from(JSON.stringify(body)));
  };
}

/** Names, codes and places. `JSON.parse` quotes the text that it could not read: that message is content. */
export function traceOf(error: unknown): readonly string[] {
  const trace: string[] = [];
  for (let cause = error; cause instanceof Error && trace.length < 60; cause = cause.cause) {
    const { stack = '', name, message } = cause;
    const at = stack.split('\n').filter((line) => /^\s+at /.test(line));
    const text = cause instanceof SyntaxError ? name : `${name}: ${message}`;
    trace.push(text, ...at.map((line) => line.trim()).slice(0, 12));
  }
  return trace;
}
