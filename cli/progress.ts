/** A bar on the standard error, only where a person looks at it. */
import { SingleBar } from 'cli-progress';
import type { Io } from './io.ts';

/** How far something is. `total` may grow while it runs; null: nobody knows. */
export interface Progress {
  readonly done: number;
  readonly total: number | null;
  /** What is being done, where that changes on the way. */
  readonly step?: string;
}

/**
 * Runs `work` with a function to report progress to, and clears the bar when it ends, however it ends.
 * @param what shown before the bar: `Sharing`
 */
export async function withProgress<T>(
  io: Io,
  what: string,
  work: (report: (progress: Progress) => void) => Promise<T>,
): Promise<T> {
  if (!io.stderr.isTTY) return work(() => {});
  const bar = new SingleBar({
    format: '{step}{bar} {count}',
    stream: io.stderr,
    hideCursor: true,
    clearOnComplete: true,
    barCompleteChar: '━',
    barIncompleteChar: '·',
    barsize: 30,
  });
  let started = false;
  try {
    return await work(({ done, total, step = what }) => {
      const payload = {
        step: `${step} `,
        count:
          total === null ? done.toLocaleString('en') : `${Math.floor((100 * done) / Math.max(1, total))} %`,
      };
      // Without a total the bar stays empty and the count runs.
      const goal = total ?? Number.MAX_SAFE_INTEGER;
      if (!started) bar.start(goal, done, payload);
      else bar.setTotal(goal);
      started = true;
      bar.update(done, payload);
    });
  } finally {
    if (started) bar.stop();
  }
}
