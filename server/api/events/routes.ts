/** The stream of events: headers as they become visible to the viewer. */
import { PassThrough } from 'node:stream';
import { uuid } from '@parley/core/fields.ts';
import { z } from 'zod';
import type { Events } from '../../release/headings.ts';
import type { Released } from '../../release/released.ts';
import type { ApiContext } from '../context.ts';
import { addressOf } from '../limits.ts';
import { type Asked, type Route, route } from '../route.ts';
import { cursor, prefix } from '../shapes.ts';
import { viewerAsItLasts } from '../viewer.ts';
import { Places } from './places.ts';
import { heartbeat, presentEvents } from './present.ts';

export interface EventLimits {
  /**
   * Streams at once: in all, of which the public has half at most; and to one party, of which one device has half at
   * most, to one connector or, of the public, to one address.
   */
  readonly streams: number;
  readonly streamsEach: number;
  /** Milliseconds in which a client takes what was sent, or is cut off. */
  readonly patience: number;
}

export const defaultEventLimits: EventLimits = { streams: 1_000, streamsEach: 20, patience: 30_000 };

const eventsType = 'text/event-stream';
/** A proxy must not gather what is to arrive at once; and the connection ends with the stream. */
const headers = { 'x-accel-buffering': 'no', connection: 'close' };

/** @param stopping aborted when the server closes: streams end with it */
export function eventRoutes(context: ApiContext, limits: EventLimits, stopping: AbortSignal): Route[] {
  const places = new Places(limits);
  return [
    route({
      path: `${prefix}/events`,
      viewer: 'anyone',
      about: 'Server-sent events: what becomes visible, from a cursor on or from now on',
      query: z.strictObject({ room: uuid.optional(), after: cursor }),
      answers: {
        200: {
          type: eventsType,
          schema: null,
          about: 'id: a cursor; event: the kind; data: a statement line',
        },
      },
      async handle(asked) {
        const leave = places.take(asked.session, addressOf(asked.request));
        const gone = new AbortController();
        const ended = AbortSignal.any([gone.signal, stopping]);
        const batches = context.follow(viewerAsItLasts(asked.session, context), fromOf(asked), ended);
        const rest = batches[Symbol.asyncIterator]();
        try {
          // What is wrong with the request shows here, while it can still be answered.
          const first = await rest.next();
          const body = new PassThrough().on('close', () => gone.abort());
          pump(first, rest, body, limits.patience).finally(leave);
          return { status: 200, type: eventsType, headers, body };
        } catch (error) {
          leave();
          throw error;
        }
      },
    }),
  ];
}

/** A browser that reconnects calls the same address again and says in the header how far it came. */
function fromOf({
  query,
  request,
}: Asked<unknown, { room?: string | undefined; after?: string | undefined }>) {
  const seen = request.headers['last-event-id'];
  const after = typeof seen === 'string' && seen !== '' ? seen : (query.after ?? null);
  return { room: query.room ?? null, after };
}

type Batch = IteratorResult<Released<Events> | null>;

/** Asks for a batch only when the one before was taken, so that no more than one is held for a client. */
async function pump(
  first: Batch,
  rest: AsyncIterator<Released<Events> | null>,
  body: PassThrough,
  patience: number,
): Promise<void> {
  try {
    for (let batch = first; !batch.done && !body.destroyed; batch = await rest.next()) {
      const text = batch.value === null ? heartbeat : presentEvents(batch.value);
      if (!body.write(text)) await taken(body, patience);
    }
  } catch {
    // The session has ended or the device was revoked: the next call is told so.
  } finally {
    body.end();
    await rest.return?.();
  }
}

/** Cuts off who does not read. */
function taken(body: PassThrough, patience: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => body.destroy(), patience);
    const done = (): void => {
      clearTimeout(timer);
      body.off('drain', done).off('close', done);
      resolve();
    };
    body.on('drain', done).on('close', done);
  });
}
