/** Starts the writer: in a thread of its own, where it can. */
import type { CentreOptions } from './app.ts';
import type { Head } from './log/ports.ts';
import type { Place } from './place.ts';
import { startThread } from './thread.ts';
import { openWriter, type Writer, type WriterEvents } from './writer.ts';
import type { Crossing } from './writer-thread.ts';

/** Notes of the last commits: each is told before what was admitted with it is answered. */
const kept = 16;

function keep(notes: Map<number, string>, { size, checkpoint }: Head): void {
  notes.set(size, checkpoint);
  for (const oldest of notes.keys()) {
    if (notes.size <= kept) break;
    notes.delete(oldest);
  }
}

/** In a thread of its own, or in this one where the clock is not the system's: a function does not cross. */
export async function startWriter(
  options: CentreOptions,
  { paths: { folder }, vault, database }: Place,
  events: WriterEvents,
): Promise<Writer> {
  const { centre, clockConfirmed = false, now, onDoubt } = options;
  const about = { centre, folder, database, clockConfirmed, key: vault?.key ?? null };
  if (now) {
    const stores = options.opening ? { opening: options.opening } : {};
    return openWriter({ ...about, ...stores, clock: { now, elapsed: () => now() / 1000 } }, events);
  }
  const notes = new Map<number, string>();
  const told = (name: string, value: unknown) => {
    if (name === 'committed') keep(notes, value as Head);
    events[name as keyof WriterEvents](value as never);
  };
  const thread = await startThread(new URL('./writer-thread.ts', import.meta.url), about, told, onDoubt);
  return {
    async submit(checked) {
      const { size, ...admitted } = await thread.call<Crossing>('submit', checked);
      const checkpoint = notes.get(size);
      if (checkpoint === undefined) throw new Error(`no checkpoint of ${size} records was told`);
      return { ...admitted, checkpoint };
    },
    ready: () => thread.call('ready'),
    putCosigned: (size, note) => thread.call('putCosigned', { size, note }),
    async stop() {
      await thread.call('stop');
      await thread.terminate();
    },
  };
}
