/** Batches of events as server-sent events (HTML, 9.2.6). */
import type { Events } from '../../release/headings.ts';
import type { Released } from '../../release/released.ts';
import { eventLines } from '../lines.ts';

/** Keeps proxies from closing the connection, and tells the client that it is there. */
export const heartbeat = ':\n\n';

/**
 * A batch without events only moves the place: a client that is cut off resumes from it. `reread` comes with the
 * place before the events that follow, so that none of them is lost if the connection breaks off right after it.
 */
export function presentEvents(batch: Released<Events>): string {
  const { reread, cursor, events } = batch.value;
  if (reread) return `id: ${cursor}\nevent: reread\ndata: {}\n\n`;
  if (events.length === 0) return `id: ${cursor}\n\n`;
  return eventLines(batch)
    .map(({ id, event, data }) => `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`)
    .join('');
}
