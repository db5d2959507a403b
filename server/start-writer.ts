/** Starts the writer: in a thread of its own, where it can. */
import type { CentreOptions } from './app.ts';
import type { Head } from './log/ports.ts';
import type { Place } from './place.ts';
import { startThread, type Thread } from './thread.ts';
import type { Writer, WriterEvents } from './writer.ts';
import type { WriterCalls } from './writer-thread.ts';

/** Notes of the last commits: each is told before what was admitted with it is answered. */
const kept = 16;

function keep(notes: Map<number, string>, { size, checkpoint }: Head): void {
  notes.set(size, checkpoint);
  for (const oldest of notes.keys()) {
    if (notes.size <= kept) break;
    notes.delete(oldest);
  }
}

/** A thread that loads what a writer needs, before it is known what it is to write: a start is mostly loading. */
export interface WarmWriter {
  readonly thread: Promise<Thread<WriterCalls>>;
  /** Who is told from now on what it says by itself, and that it ended. */
  hear(told: (name: string, value: unknown) => void, died: (cause: unknown) => void): void;
  /** Where nothing came of the start. */
  end(): Promise<void>;
}

export function warmWriter(): WarmWriter {
  let hearing: Parameters<WarmWriter['hear']> = [() => {}, () => {}];
  const thread = startThread<WriterCalls>(
    new URL('./writer-thread.ts', import.meta.url),
    null,
    (name, value) => hearing[0](name, value),
    (cause) => hearing[1](cause),
  );
  thread.catch(() => {}); // Who waits for it is told.
  return {
    thread,
    hear: (...now) => {
      hearing = now;
    },
    end: async () => (await thread.catch(() => null))?.terminate(),
  };
}

/** In a thread of its own, or in this one where the clock is not the system's: a function does not cross. */
export async function startWriter(
  options: CentreOptions,
  { paths: { folder }, vault, database }: Place,
  events: WriterEvents,
): Promise<Writer> {
  const { centre, clockConfirmed = false, now, openers, onDoubt } = options;
  const about = { centre, folder, database, clockConfirmed, key: vault?.key ?? null };
  if (now) {
    const { openWriter } = await import('./writer.ts');
    const stores = openers ? { openers } : {};
    return openWriter({ ...about, ...stores, clock: { now, elapsed: () => now() / 1000 } }, events);
  }
  if (openers) throw new Error('the writer would open its stores as usual: give a clock with the openers');
  const notes = new Map<number, string>();
  const told = (name: string, value: unknown) => {
    if (name === 'committed') keep(notes, value as Head);
    events[name as keyof WriterEvents](value as never);
  };
  const { warm = warmWriter() } = options;
  warm.hear(told, onDoubt);
  const thread = await warm.thread;
  try {
    await thread.call('open', about);
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  return {
    async submit(checked) {
      const { size, ...admitted } = await thread.call('submit', checked);
      const checkpoint = notes.get(size);
      if (checkpoint === undefined) throw new Error(`no checkpoint of ${size} records was told`);
      return { ...admitted, checkpoint };
    },
    ready: () => thread.call('ready'),
    putCosigned: (size, note) => thread.call('putCosigned', { size, note }),
    // In the order of the calls: what is said after it is judged by who knows of it.
    saw: (head) => void thread.call('saw', head).catch(() => {}),
    async stop() {
      await thread.call('stop');
      await thread.terminate();
    },
  };
}
