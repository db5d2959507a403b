/** A running centre, wired in the order in which a statement flows: checks, log, projections, release, the centre's own voice. */
import type { Classification } from '@parley/core/classification.ts';
import type { Instant } from '@parley/core/fields.ts';
import { formatVkey } from '@parley/core/note.ts';
import type { Part } from '@parley/core/parts.ts';
import type { Policy } from '@parley/core/policy.ts';
import type { Statement } from '@parley/core/statement.ts';
import { refuseOlder, refuseOutrun } from './behind.ts';
import { sayAtStart } from './centre/accreditation.ts';
import { type Rounds, startRounds } from './centre/centre.ts';
import { Voice } from './centre/voice.ts';
import { type CentreFiles, defaultFileOptions, type FileOptions, openFiles } from './centre-files.ts';
import { centreSources } from './centre-sources.ts';
import { connectorState } from './connectors.ts';
import type { Tables } from './folds.ts';
import { deviceKeys, frontDoor } from './front-door.ts';
import { type Journals, openJournals } from './journals/journals.ts';
import { loadLogKeys, logVkeys } from './log/keys.ts';
import type { Head } from './log/ports.ts';
import type { Admitted } from './log/queue.ts';
import { Witnessing } from './log/witnessing.ts';
import { type Paths, pathsIn } from './paths.ts';
import type { Sources } from './release/sources.ts';
import { loadSigner } from './signer.ts';
import { type Moment, sourcesAt } from './sources.ts';
import { openSqlite } from './storage/sqlite.ts';
import { sqliteJournals } from './storage/sqlite-journals.ts';
import { startThread } from './thread.ts';
import type { Vault } from './vault/vault.ts';
import { openWriter, type Writer, type WriterEvents } from './writer.ts';

export interface CentreOptions {
  /** Origin name, such as `centre.example`. */
  readonly centre: string;
  readonly folder: string;
  /** What seals the folder; left out: it stands plain. */
  readonly vault?: Vault | null;
  /** Up to where it may hold what is classified; left out: whatever stands. */
  readonly accredited?: Classification;
  /** Someone has looked at the clock after a long pause. */
  readonly clockConfirmed?: boolean;
  /** What files are taken, and who scans them. */
  readonly files?: FileOptions;
  /** Witnesses that cosign the log, and how many must. */
  readonly policy?: Policy;
  /** Wall clock in microseconds. */
  readonly now?: () => Instant;
  readonly digestEvery?: number;
  /** Nobody knows what the store holds: the process must stop with status 75. */
  readonly onDoubt: (cause: unknown) => void;
  /** What does not stop the centre, but somebody should see. */
  readonly onTrouble?: (what: string, cause: unknown) => void;
}

export interface Centre {
  readonly name: string;
  /** Of the log: `centre.example/log/1`. */
  readonly origin: string;
  /** Of the log's keys, the Ed25519 one first. */
  readonly vkeys: readonly string[];
  /** The centre's own party. */
  readonly party: string;
  readonly journals: Journals;
  readonly files: CentreFiles;
  /** The centre speaking for itself. */
  readonly voice: Voice;
  readonly now: () => Instant;
  /** Checks and takes a statement; resolves when it is durable. @throws Refusal */
  submit(statement: Statement, parts: readonly Part[]): Promise<Admitted>;
  /** One moment of the store. */
  read<T>(work: (sources: Sources, moment: Moment) => Promise<T>): Promise<T>;
  head(): Head | null;
  /** @throws what a statement would be refused with now */
  ready(): Promise<void>;
  /** Told after each commit, in no particular thread of control. @returns stops it */
  onCommit(listener: (head: Head) => void): () => void;
  /** How often SQL and `decide` disagreed; above zero something is broken. */
  disagreements(): number;
  /** How many statements wait. */
  waiting(): number;
  /** One round of what the centre itself says, now. */
  round(): Promise<void>;
  /** Online copies of log and journals, in this order. */
  backupTo(paths: Pick<Paths, 'log' | 'journals'>): Promise<void>;
  stop(): Promise<void>;
}

export function logOrigin(centre: string): string {
  return `${centre}/log/1`;
}

/** @throws store.absent, store.behind, store.corrupt, witness.conflict, file.unreadable, encryption.… */
export async function openCentre(options: CentreOptions): Promise<Centre> {
  const { centre, folder, onDoubt, onTrouble = () => {}, now = () => Date.now() * 1000 } = options;
  const { vault = null } = options;
  const paths = pathsIn(folder);
  const origin = logOrigin(centre);
  const keys = loadLogKeys(paths.logKeys, vault);
  const trusted = logVkeys(keys, origin);
  const signer = await loadSigner(paths.centreKey, vault);

  // Ends what runs by then, the last first: when the start is refused, and when the centre stops.
  await using starting = new AsyncDisposableStack();
  const listeners = new Set<(head: Head) => void>();
  const journals = await openJournals(sqliteJournals(paths.journals, vault), onDoubt);
  starting.defer(() => journals.close());
  const checker = await startThread(new URL('./check-thread.ts', import.meta.url), null, () => {}, onDoubt);
  starting.defer(() => checker.terminate());
  const writer = await startWriter(options, paths, origin, {
    committed: (committed) => {
      head = committed;
      for (const listener of listeners) listener(committed);
    },
    erased: (numbers) => {
      // Not before the record that led to it: a burst of records may run ahead of the clock.
      const at = Math.max(now(), head?.instant ?? 0);
      journals.erasures.recordErased(numbers, at).catch((cause) => onTrouble('erasures', cause));
    },
    trouble: (cause) => onTrouble('erasing', cause),
    fault: (cause) => onTrouble('fold', cause),
    doubt: onDoubt,
  });
  const store = openSqlite<Tables>(paths.log, { readOnly: true, vault });
  // After the writer, whose last answers are still read from it.
  starting.defer(() => store.close());
  starting.defer(() => writer.stop());
  let head = await store.snapshot(({ log }) => log.head());
  await store.snapshot(({ log }) =>
    refuseOlder(paths.checkpoint, log, { origin, logs: trusted, witnesses: [] }),
  );
  const witnessing = options.policy ? witnessingBy(options.policy) : null;
  if (witnessing) {
    starting.defer(() => witnessing.stop());
    await refuseOutrun(witnessing, head?.size ?? 0);
    listeners.add(() => witnessing.newHead());
    witnessing.newHead();
  }

  let disagreements = 0;
  const disagree = () => {
    disagreements++;
  };
  const read: Centre['read'] = (work) =>
    store.snapshot((moment) => work(sourcesAt(moment, now(), disagree), moment));
  const keyOf = deviceKeys(store);
  const files = await openFiles({
    ...{ centre, folder: paths.files, vault, store, journals, keyOf, now },
    options: options.files ?? defaultFileOptions,
    trouble: (cause) => onTrouble('files', cause),
  });
  starting.defer(() => files.stop());

  const door = frontDoor({
    ...{ store, journals, files, writer, checker, keyOf, read, now },
    trouble: onTrouble,
  });
  const { submit } = door;

  const voice = new Voice({
    centre,
    party: signer.device,
    signer,
    now,
    say: (statement) => submit(statement, []),
  });
  const own = centreSources(store, journals, signer.device, voice, paths.told);
  const { accredited = null } = options;
  await sayAtStart(own, voice, accredited, (cause) => onTrouble('accreditation', cause));
  const rounds: Rounds = startRounds({
    sources: own,
    voice,
    accredited,
    now,
    failed: (cause) => onTrouble('rounds', cause),
    ...(options.digestEvery === undefined ? {} : { digestEvery: options.digestEvery }),
  });
  listeners.add(() => rounds.nudge());
  starting.defer(() => rounds.stop());
  // Sessions that have ended leave the journal, and with them the justifications that they were opened with.
  const purge = async () => {
    await journals.sessions.purge(now()).catch((cause) => onTrouble('sessions', cause));
    const state = (device: string) => read((sources) => connectorState(device, sources));
    await journals.connectors.purge(state, now()).catch((cause) => onTrouble('connectors', cause));
  };
  const purging = setInterval(purge, 3_600_000).unref();
  starting.defer(() => clearInterval(purging));
  await purge();

  function witnessingBy(policy: Policy): Witnessing {
    return new Witnessing({
      policy,
      keys,
      origin,
      read: (work) => store.snapshot(({ log }) => work(log)),
      putCosigned: (size, note) => writer.putCosigned(size, note),
      onConflict: (witness, cause) => onDoubt(new Error(`witness ${witness}: ${cause.message}`, { cause })),
      onFailure: (witness, cause) => onTrouble(`witness ${witness}`, cause),
    });
  }

  const running = starting.move();
  return {
    name: centre,
    origin,
    vkeys: trusted.map(formatVkey),
    party: signer.device,
    journals,
    files,
    voice,
    now,
    submit,
    read,
    head: () => head,
    ready: () => writer.ready(),
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    disagreements: () => disagreements,
    waiting: () => door.waiting(),
    round: () => rounds.round(),
    async backupTo(to) {
      await store.backupTo(to.log);
      await journals.backupTo(to.journals);
    },
    stop: () => running.disposeAsync(),
  };
}

/** In a thread of its own, or in this one where the clock is not the system's: a function does not cross. */
async function startWriter(
  options: CentreOptions,
  paths: Paths,
  origin: string,
  events: WriterEvents,
): Promise<Writer> {
  const { centre, clockConfirmed = false, now, onDoubt } = options;
  const about = { centre, origin, paths, clockConfirmed, key: options.vault?.key ?? null };
  if (now) return openWriter({ ...about, clock: { now, elapsed: () => now() / 1000 } }, events);
  const told = (name: string, value: unknown) => events[name as keyof WriterEvents](value as never);
  const thread = await startThread(new URL('./writer-thread.ts', import.meta.url), about, told, onDoubt);
  return {
    submit: (checked) => thread.call('submit', checked),
    ready: () => thread.call('ready'),
    putCosigned: (size, note) => thread.call('putCosigned', { size, note }),
    async stop() {
      await thread.call('stop');
      await thread.terminate();
    },
  };
}
