/** Files of a running centre: what is brought, what a statement uses of it, and what is given out. */
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import { allFileTypes } from '@parley/core/file-types.ts';
import { fileLimit, type Upload } from '@parley/core/files.ts';
import { type Part, partLeaf } from '@parley/core/parts.ts';
import { type AnyHeader, filesOf, refOf, type Statement } from '@parley/core/statement.ts';
import type { Kysely } from 'kysely';
import type { KeyOf } from './admission/check.ts';
import { admitUpload, checkBrought, checkUploader, parseUpload } from './admission/uploads.ts';
import type { Config } from './config.ts';
import { fileName } from './files/names.ts';
import type { FileStore } from './files/ports.ts';
import { type ScannerOptions, scannerFrom } from './files/scanner.ts';
import { type Brought, type FileLimits, type NamedInLog, Staging } from './files/staging.ts';
import type { Tables } from './folds.ts';
import type { Journals } from './journals/journals.ts';
import type { LogReader, Store } from './log/ports.ts';
import { readFiles } from './projections/files/read.ts';
import { readParties } from './projections/parties/read.ts';
import { readersAt } from './sources.ts';

export type { Brought, FileLimits };

export interface FileOptions extends FileLimits {
  readonly scanner: ScannerOptions;
}

export const defaultFileOptions: FileOptions = {
  file: fileLimit,
  staged: 2 * 1024 * 1024 * 1024,
  types: allFileTypes,
  scanner: { command: null, address: null, timeout: 30_000 },
};

export function fileOptions(config: Config): FileOptions {
  return {
    file: config['files.bytes'],
    staged: config['files.waiting'],
    types: config['files.types'],
    scanner: {
      command: config['scanner.command'],
      address: config['scanner.address'],
      timeout: config['scanner.seconds'] * 1_000,
    },
  };
}

export interface CentreFiles {
  readonly limits: FileLimits;
  /**
   * @param line what the device signed
   * @param known is waited for once the signature held
   * @throws Refusal; what comes after the line is read only where it may be brought
   */
  receive(
    line: Bytes,
    pieces: AsyncIterable<Uint8Array>,
    known?: (by: Pick<Upload, 'party' | 'device'>) => Promise<void>,
  ): Promise<Brought>;
  /** The work takes a statement into the log; what it names must be there, and is its own from then on. @throws file.absent */
  using<T>(statement: Statement, parts: readonly Part[], work: () => Promise<T>): Promise<T>;
  /** @throws absent where it was erased meanwhile, store.corrupt where it should be there and is not */
  open(party: string, leaf: Uint8Array): Promise<AsyncIterable<Uint8Array>>;
  stop(): void;
}

export interface FilesOf {
  readonly centre: string;
  /** For what is being brought. */
  readonly folder: string;
  readonly files: FileStore;
  /** Other instances use that store, too. */
  readonly shared: boolean;
  readonly store: Pick<Store<Tables>, 'snapshot'>;
  readonly journals: Journals;
  readonly keyOf: KeyOf;
  readonly options: FileOptions;
  readonly now: () => Instant;
  readonly trouble: (cause: unknown) => void;
}

/** Milliseconds. */
const purgeEvery = 600_000;

/** Clears what an end in between has left, before anything comes in. */
export async function openFiles(about: FilesOf): Promise<CentreFiles> {
  const { centre, folder, files, store, journals, keyOf, options, now, trouble } = about;
  const { scanner, ...limits } = options;
  const staging = new Staging({
    folder,
    store: files,
    journal: journals.staged,
    log: namedIn(store),
    limits,
    scanner: scannerFrom(scanner),
    shared: about.shared,
    now,
  });
  await staging.clear();
  const purging = setInterval(() => staging.purge().catch(trouble), purgeEvery).unref();
  return {
    limits,
    async receive(line, pieces, known = async () => {}) {
      const signed = parseUpload(line, centre);
      await checkUploader(signed, keyOf);
      await store.snapshot((moment) => admitUpload(signed.upload, readersAt(moment, centre), now()));
      await known(signed.upload);
      return staging.receive(signed.upload, pieces);
    },
    async using({ header }, parts, work) {
      const entries = filesOf(header);
      if (entries.length === 0) return work();
      const known = await store.snapshot(({ log, db }) => knownTo(header, log, db));
      if (known === null) return work();
      const leaves = new Map(entries.map(({ n }) => [n, partLeaf(parts[n] as Part)]));
      const claim = await staging.claim(header.party, `${header.party}/${header.id}`, leaves);
      try {
        // Sent again, its files are its own already: then it is known, which tells more than that they are not there.
        if (!known) checkBrought(entries, claim.files);
        const done = await work();
        claim.used().catch(trouble);
        return done;
      } catch (error) {
        claim.release();
        throw error;
      }
    },
    open: (party, leaf) => opened(fileName(party, leaf), about, files),
    stop: () => clearInterval(purging),
  };
}

/** What does not lie there, or does not open, and was not erased, somebody should see: the log still names it. */
async function opened(
  name: string,
  { store, trouble }: FilesOf,
  files: FileStore,
): Promise<AsyncIterable<Uint8Array>> {
  const unread = (cause?: unknown) => {
    const corrupt = new Refusal('store.corrupt', { at: `files/${name}`, detail: 'not readable', cause });
    trouble(corrupt);
    return corrupt;
  };
  const pieces = await files.open(name).catch((cause: unknown) => {
    throw unread(cause);
  });
  if (pieces) return watched(pieces, unread);
  if (!(await namedIn(store).live([name])).has(name)) throw new Refusal('absent');
  throw unread();
}

/** Told of what fails in the source, and not of a reader that goes away. */
async function* watched(
  pieces: AsyncIterable<Uint8Array>,
  unread: (cause: unknown) => unknown,
): AsyncGenerator<Uint8Array, void> {
  const source = pieces[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await source.next().catch((cause: unknown) => {
        throw unread(cause);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await source.return?.();
  }
}

/**
 * Whether the statement was said before; null for who is no device of the party, which admission says: to others, what
 * is refused here must not tell what was said.
 */
async function knownTo(header: AnyHeader, log: LogReader, db: Kysely<Tables>): Promise<boolean | null> {
  const parties = readParties(db);
  const device = await parties.device(header.device);
  const party = await parties.party(header.party);
  if (!device || device.party !== party?.no) return null;
  return (await log.find(refOf(header))) !== null;
}

function namedIn(store: FilesOf['store']): NamedInLog {
  return {
    named: (names) => store.snapshot(async ({ db }) => new Set((await readFiles(db).parts(names)).keys())),
    live: (names) =>
      store.snapshot(async ({ db, log }) => {
        const parts = await readFiles(db).parts(names);
        const there = await log.parts([...parts.values()]);
        return new Set([...parts].flatMap(([name, part]) => (there.has(part) ? [name] : [])));
      }),
  };
}
