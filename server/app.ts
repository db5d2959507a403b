/** A running centre, wired in the order in which a statement flows: checks, log, projections, release, the centre's own voice. */

import { existsSync, rmSync } from 'node:fs';
import type { Bytes } from '@parley/core/bytes.ts';
import type { Classification } from '@parley/core/classification.ts';
import type { Instant } from '@parley/core/fields.ts';
import { logOrigin } from '@parley/core/log-names.ts';
import { formatVkey } from '@parley/core/note.ts';
import type { Part } from '@parley/core/parts.ts';
import type { Policy } from '@parley/core/policy.ts';
import type { Statement } from '@parley/core/statement.ts';
import type { Counting } from './api/context.ts';
import { refuseOlder } from './behind.ts';
import type { Voice } from './centre/voice.ts';
import type { CentreFiles, FileOptions } from './centre-files.ts';
import type { Tables } from './folds.ts';
import { deviceKeys, frontDoor, type Taken } from './front-door.ts';
import { Heads } from './heads.ts';
import { type Journals, openJournals } from './journals/journals.ts';
import { loadLogKeys, logVkeys } from './log/keys.ts';
import { logsIn } from './log/logs.ts';
import type { Head } from './log/ports.ts';
import { noReplicas, Replicas, type ReplicasOptions } from './log/replicas.ts';
import { type Openers, openers, openReplicaStore, placeAt } from './place.ts';
import type { Sources } from './release/sources.ts';
import { loadSecrets, loadSigner, refuseStranger } from './signer.ts';
import { type Moment, sourcesAt } from './sources.ts';
import { startWriter, type WarmWriter } from './start-writer.ts';
import {
  endWithLog,
  startChecker,
  startFiles,
  startPurging,
  startSpeaking,
  startWitnessing,
  writerEvents,
} from './starting.ts';
import { noteErasures, Unnoted } from './unnoted.ts';
import type { Vault } from './vault/vault.ts';

export interface CentreOptions {
  /** Origin name, such as `centre.example`. */
  readonly centre: string;
  readonly folder: string;
  /** What seals the folder; left out: it stands plain. */
  readonly vault?: Vault | null;
  /** As of `Place`; left out: none. */
  readonly database?: string | null;
  /** Up to where it may hold what is classified; left out: whatever stands. */
  readonly accredited?: Classification;
  /** Someone has looked at the clock after a long pause. */
  readonly clockConfirmed?: boolean;
  /** What files are taken, and who scans them. */
  readonly files?: FileOptions;
  /** Copies on other hardware that must hold what is answered; left out: none. */
  readonly replicas?: ReplicasOptions;
  /** Witnesses that cosign the log, and how many must. */
  readonly policy?: Policy;
  /** Wall clock in microseconds. */
  readonly now?: () => Instant;
  readonly digestEvery?: number;
  /** How its stores are opened: only together with `now`, since no function crosses into the writer's thread. */
  readonly openers?: Openers;
  /** Nobody knows what the store holds: the process must stop with status 75. */
  readonly onDoubt: (cause: unknown) => void;
  /** A thread for the writer that was started before anything else was loaded. */
  readonly warm?: WarmWriter;
  /** What else is to be done while the writer's thread starts. */
  readonly meanwhile?: () => Promise<unknown>;
  /** What does not stop the centre, but somebody should see. */
  readonly onTrouble?: (what: string, cause: unknown) => void;
}

export interface Centre {
  readonly name: string;
  /** Of the log: `centre.example/log/1`, and after a succession the next. */
  readonly origin: string;
  /** Of the log's keys, the Ed25519 one first. */
  readonly vkeys: readonly string[];
  /** The centre's own party. */
  readonly party: string;
  readonly journals: Journals;
  readonly files: CentreFiles;
  /** Seals the cursors that it gives out: 32 bytes, the same on all its instances. */
  readonly cursorKey: Bytes;
  /** The centre speaking for itself. */
  readonly voice: Voice;
  readonly now: () => Instant;
  readonly replicas: Pick<Replicas, 'shown' | 'given'>;
  /** As of `FrontDoor`. @throws Refusal */
  submit(statement: Statement, parts: readonly Part[], counting?: Counting): Promise<Taken>;
  /** See `Heads`: for what leaves this process. */
  expect: Heads['expect'];
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
  stop(): Promise<void>;
}

/** @throws store.absent, store.behind, store.corrupt, witness.conflict, file.unreadable, encryption.… */
export async function openCentre(options: CentreOptions): Promise<Centre> {
  const { centre, folder, onDoubt, onTrouble: trouble = () => {}, now = () => Date.now() * 1000 } = options;
  const place = placeAt(folder, options);
  const { paths, vault, database } = place;
  const { openJournalStore, openLog, openFileStore } = options.openers ?? openers;
  const signer = await loadSigner(paths.centreKey, vault);

  // Ends what runs by then, the last first: when the start is refused, and when the centre stops.
  await using starting = new AsyncDisposableStack();
  const shared = database !== null;
  const heads = new Heads({ shared, onDoubt });
  const secrets = loadSecrets(paths.centreKey, vault);
  const journals = await openJournals(await openJournalStore(place), onDoubt, secrets('challenges'));
  starting.defer(() => journals.close());
  const running = { options, place, heads, journals, now, trouble };
  const checker = startChecker(starting, options);
  const unnoted = new Unnoted(
    () => noteErasures(store, journals, now),
    (cause) => trouble('erasures', cause),
  );
  const writing = startWriter(
    options,
    place,
    writerEvents(running, () => unnoted.note()),
  );
  options.meanwhile?.().catch(() => {}); // Whoever needs it asks again, and is told.
  const writer = await writing;
  const store = await openLog<Tables>(place, { readOnly: true });
  // After the writer, whose last answers are still read from it.
  starting.defer(() => store.close());
  starting.defer(() => writer.stop());
  const own = { centre, device: signer.device, path: paths.centreKey };
  await store.snapshot(({ log }) => refuseStranger(log, own));
  // Not waited for: nothing depends on it, and there may have been many.
  unnoted.note();
  starting.defer(() => unnoted.stop());
  starting.defer(await heads.follow(store, (cause) => trouble('head', cause)));
  const logs = await store.snapshot(({ log }) => logsIn(log));
  // After the writer, which has put in place what a succession left half done.
  const keys = loadLogKeys(paths.logKeys, vault);
  const origin = logs.at(-1)?.origin ?? logOrigin(centre, 1);
  const trusted = logVkeys(keys, origin);
  endWithLog(starting, origin, running);
  await store.snapshot(({ log }) => refuseOlder(paths.checkpoint, log, logs));
  // Not before: what is remembered from here on takes the place of what was remembered.
  if (heads.head) writer.saw(heads.head);
  if (shared) starting.defer(heads.listen((head) => writer.saw(head)));
  const replicas = await Replicas.open(
    () => openReplicaStore(place),
    options.replicas ?? noReplicas,
    (cause) => trouble('replicas', cause),
  );
  starting.defer(() => replicas.close());
  const opened = { ...running, store, writer };
  if (options.policy) {
    const about = { keys, origin, restored: existsSync(paths.restored) };
    await startWitnessing(starting, options.policy, about, replicas, opened);
  }
  rmSync(paths.restored, { force: true });

  let disagreements = 0;
  const disagree = () => {
    disagreements++;
  };
  const read: Centre['read'] = (work) =>
    store.snapshot((moment) => work(sourcesAt(moment, now(), disagree), moment));
  const keyOf = deviceKeys(store);
  const files = await startFiles(starting, openFileStore, keyOf, opened);
  const door = frontDoor({ store, journals, files, writer, replicas, checker, keyOf, read, now, trouble });
  const { submit } = door;
  const { voice, rounds } = await startSpeaking(starting, signer, submit, opened);
  await startPurging(starting, read, running);

  const started = starting.move();
  return {
    name: centre,
    origin,
    vkeys: trusted.map(formatVkey),
    party: signer.device,
    journals,
    files,
    cursorKey: secrets('cursors'),
    voice,
    now,
    replicas,
    submit,
    read,
    head: () => heads.head,
    expect: () => heads.expect(),
    async ready() {
      heads.ready();
      await writer.ready();
      replicas.ready();
    },
    onCommit: (listener) => heads.listen(listener),
    disagreements: () => disagreements,
    waiting: () => door.waiting(),
    round: () => rounds.round(),
    stop: () => started.disposeAsync(),
  };
}
