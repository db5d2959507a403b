/**
 * Where the bytes of files lie: beside the log, never in it. A folder fulfils this (`disk.ts`), and a database that
 * several instances share (`storage/postgres-files.ts`); a store of objects could. Names are made by `names.ts`, and
 * are as opaque here as the bytes.
 */
export interface FileStore {
  /**
   * Durable when it resolves, whole or not at all; over what is there.
   * @param before it is there, and while nobody else puts, settles or removes that name, on no instance: what it throws
   * leaves all as it was
   */
  put(name: string, pieces: AsyncIterable<Uint8Array>, before?: () => Promise<void>): Promise<void>;
  /** Nobody else puts, settles or removes that name meanwhile, on no instance. @param work says whether it stays */
  settle<T>(
    name: string,
    work: (there: boolean) => Promise<{ readonly stays: boolean; readonly result: T }>,
  ): Promise<T>;
  /** Null where there is none. Who stops reading early ends the stream. */
  open(name: string): Promise<AsyncIterable<Uint8Array> | null>;
  has(name: string): Promise<boolean>;
  /** Durable when it resolves. What is not there is as good as removed. */
  remove(names: readonly string[]): Promise<void>;
  /** Of those put as a whole so many milliseconds ago, in no order. */
  list(age?: number): AsyncIterable<string>;
  /** Waits for what runs, but for files that are being read. */
  close(): Promise<void>;
}
