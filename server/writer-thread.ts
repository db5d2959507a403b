/** The writer in a thread of its own: `node:sqlite` blocks the thread it runs in, and answers must not wait for a commit. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Checked } from './log/checked.ts';
import { asError, serveThread } from './thread.ts';
import { openWriter, type WriterOptions } from './writer.ts';

if (parentPort)
  await serveThread(parentPort, async (tell) => {
    const writer = await openWriter(workerData as WriterOptions, {
      committed: (head) => tell('committed', head),
      erased: (numbers) => tell('erased', numbers),
      trouble: (cause) => tell('trouble', asError(cause)),
      fault: (cause) => tell('fault', asError(cause)),
      doubt: (cause) => tell('doubt', asError(cause)),
    });
    return {
      submit: (checked: Checked) => writer.submit(checked),
      ready: () => writer.ready(),
      putCosigned: ({ size, note }: { size: number; note: string }) => writer.putCosigned(size, note),
      stop: () => writer.stop(),
    };
  });
