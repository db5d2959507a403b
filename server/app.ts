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
import { refuseOlder, refuseOutrun } from './behind.ts';
import { sayAtStart } from './centre/accreditation.ts';
import { type Rounds, startRounds } from './centre/centre.ts';
import { Voice } from './centre/voice.ts';
import { type CentreFiles, defaultFileOptions, type FileOptions, openFiles } from './centre-files.ts';
import { centreSources } from './centre-sources.ts';
import { connectorState } from './connectors.ts';
import type { Tables } from './folds.ts';
import { deviceKeys, frontDoor, type Taken } from './front-door.ts';
import { Heads } from './heads.ts';
import { type Journals, openJournals } from './journals/journals.ts';
import { loadLogKeys, logVkeys } from './log/keys.ts';
import { type KeptLog, logsIn } from './log/logs.ts';
import type { Head } from './log/ports.ts';
import { noReplicas, Replicas, type ReplicasOptions } from './log/replicas.ts';
import { Witnessing } from './log/witnessing.ts';
import { type Opening, opening, openReplicaStore, placeAt } from './place.ts';
import type { Sources } from './release/sources.ts';
import { loadSecrets, loadSigner } from './signer.ts';
import { type Moment, sourcesAt } from './sources.ts';
import { startWriter, type WarmWriter } from './start-writer.ts';
import { startThread, whenCalled } from './thread.ts';
import { noteErasures } from './unnoted.ts';
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
  /** How its stores are opened; the one that writes is opened so only with a `now`, since no function crosses into a thread. */
  readonly opening?: Opening;
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
  /** Those that it has kept, this one the last; as they were at the start, and empty before the first record. */
  readonly logs: readonly KeptLog[];
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
  submit(statement: Statement, parts: readonly Part[], known?: () => Promise<void>): Promise<Taken>;
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
  const { centre, folder, onDoubt, onTrouble = () => {}, now = () => Date.now() * 1000 } = options;
  const place = placeAt(folder, options);
  const { paths, vault, database } = place;
  const { openJournalStore, openLog, openFileStore } = options.opening ?? opening;
  const signer = await loadSigner(paths.centreKey, vault);

  // Ends what runs by then, the last first: when the start is refused, and when the centre stops.
  await using starting = new AsyncDisposableStack();
  const heads = new Heads();
  const secrets = loadSecrets(paths.centreKey, vault);
  const journals = await openJournals(await openJournalStore(place), onDoubt, secrets('challenges'));
  starting.defer(() => journals.close());
  const checker = whenCalled(() =>
    startThread(new URL('./check-thread.ts', import.meta.url), null, () => {}, onDoubt),
  );
  starting.defer(() => checker.terminate());
  const writing = startWriter(options, place, {
    committed: (head) => heads.moved(head),
    erased: (numbers) => {
      // Not before the record that led to it: a burst of records may run ahead of the clock.
      const at = Math.max(now(), heads.head?.instant ?? 0);
      journals.erasures.recordErased(numbers, at).catch((cause) => onTrouble('erasures', cause));
    },
    trouble: (cause) => onTrouble('erasing', cause),
    fault: (cause) => onTrouble('fold', cause),
    doubt: onDoubt,
  });
  options.meanwhile?.().catch(() => {}); // Whoever needs it asks again, and is told.
  const writer = await writing;
  const store = await openLog<Tables>(place, { readOnly: true });
  // After the writer, whose last answers are still read from it.
  starting.defer(() => store.close());
  starting.defer(() => writer.stop());
  // Not waited for: nothing depends on it, and there may have been many.
  const noting = noteErasures(store, journals, now).catch((cause) => onTrouble('erasures', cause));
  starting.defer(() => noting);
  const shared = database !== null;
  starting.defer(await heads.follow(store, shared, (cause) => onTrouble('head', cause)));
  const logs = await store.snapshot(({ log }) => logsIn(log));
  // After the writer, which has put in place what a succession left half done.
  const keys = loadLogKeys(paths.logKeys, vault);
  const origin = logs.at(-1)?.origin ?? logOrigin(centre, 1);
  const trusted = logVkeys(keys, origin);
  await store.snapshot(({ log }) => refuseOlder(paths.checkpoint, log, logs));
  const replicas = await Replicas.open(
    () => openReplicaStore(place),
    options.replicas ?? noReplicas,
    (cause) => onTrouble('replicas', cause),
  );
  starting.defer(() => replicas.close());
  const witnessing = options.policy ? witnessingBy(options.policy) : null;
  if (witnessing) {
    starting.defer(() => witnessing.stop());
    await refuseOutrun(witnessing, heads.head?.size ?? 0, existsSync(paths.restored));
    heads.listen(() => witnessing.newHead());
    replicas.onHeld(() => witnessing.newHead());
    // Before the witnessing stops, which may wait for them.
    starting.defer(() => replicas.close());
    witnessing.newHead();
  }

  rmSync(paths.restored, { force: true });

  let disagreements = 0;
  const disagree = () => {
    disagreements++;
  };
  const read: Centre['read'] = (work) =>
    store.snapshot((moment) => work(sourcesAt(moment, now(), disagree), moment));
  const keyOf = deviceKeys(store);
  const fileStore = openFileStore(place);
  starting.defer(() => fileStore.close());
  const files = await openFiles({
    ...{ centre, folder: paths.files, files: fileStore, shared, store, journals, keyOf, now },
    options: options.files ?? defaultFileOptions,
    trouble: (cause) => onTrouble('files', cause),
  });
  starting.defer(() => files.stop());

  const door = frontDoor({
    ...{ store, journals, files, writer, replicas, checker, keyOf, read, now },
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
  heads.listen(() => rounds.nudge());
  starting.defer(() => rounds.stop());
  // Sessions that have ended leave the journal, and with them the justifications that they were opened with.
  const purge = async () => {
    await journals.sessions.purge(now()).catch((cause) => onTrouble('sessions', cause));
    await journals.challenges.purge(now()).catch((cause) => onTrouble('challenges', cause));
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
      // Else a replica that takes over would be refused as older than what it never had.
      before: (size) => replicas.hold(size),
      putCosigned: (size, note) => writer.putCosigned(size, note),
      onConflict: (witness, cause) => onDoubt(new Error(`witness ${witness}: ${cause.message}`, { cause })),
      onFailure: (witness, cause) => onTrouble(`witness ${witness}`, cause),
    });
  }

  const running = starting.move();
  return {
    name: centre,
    origin,
    logs,
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
    async ready() {
      await writer.ready();
      replicas.ready();
    },
    onCommit: (listener) => heads.listen(listener),
    disagreements: () => disagreements,
    waiting: () => door.waiting(),
    round: () => rounds.round(),
    stop: () => running.disposeAsync(),
  };
}
