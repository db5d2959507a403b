/** The writer in a thread of its own: `node:sqlite` blocks the thread it runs in, and answers must not wait for a commit. */
import { parentPort } from 'node:worker_threads';
import { Refusal } from '@parley/core/errors.ts';
import type { Checked } from './log/checked.ts';
import type { Head } from './log/ports.ts';
import type { Admitted } from './log/queue.ts';
import { asError, serveThread } from './thread.ts';
import { openWriter, type Writer, type WriterOptions } from './writer.ts';

/** As it crosses: with the size of the tree instead of its note, which was told once for all that the commit has taken. */
export type Crossing = Omit<Admitted, 'checkpoint'> & { readonly size: number };

export type WriterCalls = {
  readonly open: (options: WriterOptions) => Promise<void>;
  readonly submit: (checked: Checked) => Promise<Crossing>;
  readonly ready: () => Promise<void>;
  readonly putCosigned: (about: { readonly size: number; readonly note: string }) => Promise<void>;
  readonly saw: (head: Head) => void;
  readonly stop: () => Promise<void>;
};

if (parentPort)
  await serveThread(parentPort, async (tell): Promise<WriterCalls> => {
    let opened: Writer | null = null;
    let size = 0;
    const writer = (): Writer => {
      if (!opened) throw new Refusal('fault', { detail: 'the writer is not open' });
      return opened;
    };
    return {
      async open(options) {
        opened = await openWriter(options, {
          committed: (head) => {
            size = head.size;
            tell('committed', head);
          },
          erased: (numbers) => tell('erased', numbers),
          trouble: (cause) => tell('trouble', asError(cause)),
          fault: (cause) => tell('fault', asError(cause)),
          doubt: (cause) => tell('doubt', asError(cause)),
        });
      },
      submit: async (checked) => {
        const { checkpoint: _, ...admitted } = await writer().submit(checked);
        return { ...admitted, size };
      },
      ready: () => writer().ready(),
      putCosigned: ({ size, note }) => writer().putCosigned(size, note),
      saw: (head) => writer().saw(head),
      stop: () => writer().stop(),
    };
  });
