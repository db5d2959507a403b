/** The writer in a thread of its own: `node:sqlite` blocks the thread it runs in, and answers must not wait for a commit. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Checked } from './log/checked.ts';
import type { Admitted } from './log/queue.ts';
import { asError, serveThread } from './thread.ts';
import { openWriter, type WriterOptions } from './writer.ts';

/** As it crosses: with the size of the tree instead of its note, which was told once for all that the commit has taken. */
export type Crossing = Omit<Admitted, 'checkpoint'> & { readonly size: number };

if (parentPort)
  await serveThread(parentPort, async (tell) => {
    let size = 0;
    const writer = await openWriter(workerData as WriterOptions, {
      committed: (head) => {
        size = head.size;
        tell('committed', head);
      },
      erased: (numbers) => tell('erased', numbers),
      trouble: (cause) => tell('trouble', asError(cause)),
      fault: (cause) => tell('fault', asError(cause)),
      doubt: (cause) => tell('doubt', asError(cause)),
    });
    return {
      submit: async (checked: Checked): Promise<Crossing> => {
        const { checkpoint: _, ...admitted } = await writer.submit(checked);
        return { ...admitted, size };
      },
      ready: () => writer.ready(),
      putCosigned: ({ size, note }: { size: number; note: string }) => writer.putCosigned(size, note),
      stop: () => writer.stop(),
    };
  });
