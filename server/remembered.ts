/**
 * This machine's memory of the log, apart from the store: an old backup put in its place is found out at start. Written
 * beside the commits, the newest alone, and as a whole, so that a loss of power leaves the one before.
 */
import { open, rename } from 'node:fs/promises';

export class Remembered {
  readonly #path: string;
  readonly #failed: (cause: unknown) => void;
  #newest: string | null = null;
  #writing: Promise<void> | null = null;

  /** @param failed told where it could not be written: the log itself is not in doubt */
  constructor(path: string, failed: (cause: unknown) => void) {
    this.#path = path;
    this.#failed = failed;
  }

  set(checkpoint: string): void {
    this.#newest = checkpoint;
    this.#writing ??= this.#write();
  }

  /** Resolves when the newest is on the disk. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    try {
      for (let next = this.#newest; next !== null; next = this.#newest) {
        this.#newest = null;
        await written(`${this.#path}.new`, next);
        await rename(`${this.#path}.new`, this.#path);
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
