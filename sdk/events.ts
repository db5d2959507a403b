/** The event stream (server-sent events), followed across interruptions: nothing lost, nothing doubled. */
import { fromUtf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { refOf } from '@parley/core/statement.ts';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { parseStatementLine, type ReadStatement, roomOf, verifyRead } from './answer.ts';
import { ask, type Connection, fetchReceipt } from './connection.ts';
import { linesOf } from './lines.ts';
import { chunksOf, sleep } from './transport.ts';

export interface EventsQuery {
  readonly room?: string;
  /** The `id` of the last event that was seen; events after it follow. Without it: from now on. */
  readonly lastEventId?: string;
  readonly signal?: AbortSignal;
  /** Told where to resume when nothing has come yet: whoever begins now would otherwise begin later the next time. */
  readonly began?: (id: string) => Promise<void>;
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
        if (message.id === undefined) continue;
        const event = await readEvent(connection, message.id, message, query.room);
        // Only here, with what is handed on, does the place move: a reconnect resumes behind it.
        last = message.id;
        if (event) yield event;
        else await query.began?.(message.id);
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
  const block = { id: false, data: false };
  for await (const bytes of linesOf(chunksOf(response), eventLimit)) {
    const line = fromUtf8(bytes);
    const blank = line === '' || line === '\r';
    // A block of an id alone moves the place and is no event (HTML, 9.2.6): the parser drops it, so it gets data.
    if (blank && block.id && !block.data) parser.feed('data:\n');
    Object.assign(block, blank ? { id: false, data: false } : { [line.split(':', 1)[0] ?? '']: true });
    parser.feed(`${line}\n`);
    yield* waiting.splice(0);
  }
}

async function readEvent(
  connection: Connection,
  id: string,
  { event = '', data }: EventSourceMessage,
  room: string | undefined,
): Promise<ReadEvent | null> {
  if (event === '' && data === '') return null;
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
