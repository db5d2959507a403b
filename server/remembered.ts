/**
 * This machine's memory of the log, apart from the store and whoever wrote it: an old backup put in its place is found
 * out at start. Written in the background, the newest alone, and as a whole, so that a loss of power leaves the one
 * before.
 */
import { open, rename } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds between two of them: each syncs the disk, and commits wait beside it. */
const rest = 100;

export class Remembered {
  readonly #path: string;
  readonly #failed: (cause: unknown) => void;
  #newest: string | null = null;
  #writing: Promise<void> | null = null;
  readonly #settling = new AbortController();

  /** @param failed told where it could not be written: the log itself is not in doubt */
  constructor(path: string, failed: (cause: unknown) => void) {
    this.#path = path;
    this.#failed = failed;
  }

  set(checkpoint: string): void {
    this.#newest = checkpoint;
    this.#writing ??= this.#write();
  }

  /** At the end: resolves when the newest is on the disk. */
  async settled(): Promise<void> {
    this.#settling.abort();
    await this.#writing;
  }

  async #write(): Promise<void> {
    try {
      for (let next = this.#newest; next !== null; next = this.#newest) {
        this.#newest = null;
        await written(`${this.#path}.new`, next);
        await rename(`${this.#path}.new`, this.#path);
        await pause(rest, undefined, { signal: this.#settling.signal }).catch(() => {});
      }
    } catch (cause) {
      this.#failed(cause);
    } finally {
      this.#writing = null;
    }
  }
}

async function written(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
