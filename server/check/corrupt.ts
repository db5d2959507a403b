/** What a check finds: where, and what is wrong there. Nothing of the content. */
import { Refusal } from '@parley/core/errors.ts';

export function corrupt(at: string, detail: string, cause?: unknown): Refusal {
  return new Refusal('store.corrupt', { at, detail, cause });
}

/** Whatever fails while this is read or verified is wrong there. @throws store.corrupt */
export async function checking<T>(at: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal && error.code === 'store.corrupt' && error.at !== undefined) throw error;
    // The message of another error may quote what it could not read.
    const detail = error instanceof Refusal ? `${error.code}: ${error.message}` : 'it cannot be read';
    throw corrupt(at, detail, error);
  }
}
