/** The event stream (server-sent events), followed across interruptions: nothing lost, nothing doubled. */
import { Refusal } from '@parley/core/errors.ts';
import { refOf } from '@parley/core/statement.ts';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { parseStatementLine, type ReadStatement, roomOf, verifyRead } from './answer.ts';
import { ask, type Connection, fetchReceipt } from './connection.ts';
import { chunksOf, sleep } from './transport.ts';

export interface EventsQuery {
  readonly room?: string;
  /** The `id` of the last event that was seen; events after it follow. Without it: from now on. */
  readonly lastEventId?: string;
  readonly signal?: AbortSignal;
}

/** `reread`: what may be seen has widened behind this place. */
export type ReadEvent =
  | {
      readonly id: string;
      readonly event: 'statement';
      readonly kind: string;
      readonly statement: ReadStatement;
    }
  | { readonly id: string; readonly event: 'reread' };

const shortestPause = 1_000;
const longestPause = 30_000;
/** A statement line, with room to spare. */
const eventLimit = 1024 * 1024;

export async function* followEvents(
  connection: Connection,
  query: EventsQuery = {},
): AsyncGenerator<ReadEvent> {
  const { signal } = query;
  let last = query.lastEventId;
  let pause = shortestPause;
  while (!signal?.aborted) {
    try {
      for await (const message of listen(connection, query, last)) {
        pause = shortestPause;
        // The place in the stream is kept only by what was handed on: a reconnect resumes behind it.
        if (message.id === undefined || message.id === last) continue;
        const event = await readEvent(connection, message.id, message, query.room);
        last = event.id;
        yield event;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!isPassing(error)) throw error;
    }
    await sleep(pause, signal);
    pause = Math.min(pause * 2, longestPause);
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof Refusal && (error.code === 'centre.unreachable' || error.class === 'busy');
}

/** One connection, until it ends. */
async function* listen(
  connection: Connection,
  { room, signal }: EventsQuery,
  last: string | undefined,
): AsyncGenerator<EventSourceMessage> {
  const response = await ask(connection, 'events', {
    query: { room },
    headers: { accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': last }) },
    signal,
  });
  const waiting: EventSourceMessage[] = [];
  const parser = createParser({
    onEvent: (event) => waiting.push(event),
    // Unknown fields are passed over, as the standard says; a message without end is not waited for.
    onError: (cause) => {
      if (cause.type === 'max-buffer-size-exceeded')
        throw new Refusal('read.unproven', { detail: 'an event is too long', cause });
    },
    maxBufferSize: eventLimit,
  });
  const decoder = new TextDecoder();
  for await (const chunk of chunksOf(response)) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* waiting.splice(0);
  }
}

async function readEvent(
  connection: Connection,
  id: string,
  { event = '', data }: EventSourceMessage,
  room: string | undefined,
): Promise<ReadEvent> {
  if (event === 'reread') return { id, event };
  const read = parseStatementLine(data);
  const { header } = read.statement;
  if (header.kind !== event || (room !== undefined && roomOf(header) !== room))
    throw new Refusal('read.unproven', { detail: 'an event of another kind or room' });
  const known = await connection.parties.get(header.party);
  if (!known?.devices.has(header.device)) {
    // The receipt has the chain, and reading it opens no content.
    const { chain, statement } = await fetchReceipt(connection, refOf(header));
    await connection.parties.add(header.party, chain.length > 0 ? chain : [statement]);
  }
  return { id, event: 'statement', kind: event, statement: await verifyRead(read, connection) };
}
