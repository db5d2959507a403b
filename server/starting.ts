/**
 * What a running centre consists of beside its log, each part started by a function: what it ends is put on the stack of
 * what runs, which ends the last first, when the start is refused and when the centre stops.
 */
import type { Policy } from '@parley/core/policy.ts';
import type { Signer } from '@parley/core/statement.ts';
import type { Centre, CentreOptions } from './app.ts';
import { refuseOutrun } from './behind.ts';
import { Accreditation } from './centre/accreditation.ts';
import { type Rounds, startRounds } from './centre/centre.ts';
import { Voice } from './centre/voice.ts';
import { type CentreFiles, defaultFileOptions, openFiles } from './centre-files.ts';
import { centreSources } from './centre-sources.ts';
import type { CheckerCalls } from './check-thread.ts';
import { connectorState } from './connectors.ts';
import type { Tables } from './folds.ts';
import type { deviceKeys } from './front-door.ts';
import { endOfLog, type Heads } from './heads.ts';
import type { Journals } from './journals/journals.ts';
import type { LogKeys } from './log/keys.ts';
import type { Store } from './log/ports.ts';
import type { Replicas } from './log/replicas.ts';
import { Witnessing } from './log/witnessing.ts';
import type { Openers, Place } from './place.ts';
import { startThread, type Thread, whenCalled } from './thread.ts';
import type { Writer, WriterEvents } from './writer.ts';

type Starting = AsyncDisposableStack;

/** What every part is given. */
export interface Running {
  readonly options: CentreOptions;
  readonly place: Place;
  readonly heads: Heads;
  readonly journals: Journals;
  readonly now: () => number;
  readonly trouble: (what: string, cause: unknown) => void;
}

/** And once the log is open. */
export interface Opened extends Running {
  readonly store: Store<Tables>;
  readonly writer: Writer;
}

export function startChecker(starting: Starting, { onDoubt }: CentreOptions): Thread<CheckerCalls> {
  const file = new URL('./check-thread.ts', import.meta.url);
  const checker = whenCalled(() => startThread<CheckerCalls>(file, null, () => {}, onDoubt));
  starting.defer(() => checker.terminate());
  return checker;
}

/** What follows from what the writer says. @param unnoted told that an erasure could not be noted now */
export function writerEvents(
  { options, heads, journals, now, trouble }: Running,
  unnoted: () => void,
): WriterEvents {
  return {
    committed: (head) => heads.moved(head),
    erased: (numbers) => {
      // Not before the record that led to it: a burst of records may run ahead of the clock.
      const at = Math.max(now(), heads.head?.instant ?? 0);
      journals.erasures.recordErased(numbers, at).catch((cause) => {
        trouble('erasures', cause);
        unnoted();
      });
    },
    trouble: (cause) => trouble('erasing', cause),
    fault: (cause) => trouble('fold', cause),
    doubt: options.onDoubt,
  };
}

/** What is given out by a name and keys that no longer stand would be doubted by whoever reads it. */
export function endWithLog(starting: Starting, origin: string, { options, heads }: Running): void {
  const stop = heads.listen((head) => {
    const end = endOfLog(head, origin);
    if (!end) return;
    stop();
    options.onDoubt(end);
  });
  starting.defer(stop);
}

/** @param restored a backup was put in place since: the witnesses may know more @throws store.behind, witness.conflict */
export async function startWitnessing(
  starting: Starting,
  policy: Policy,
  about: { readonly keys: LogKeys; readonly origin: string; readonly restored: boolean },
  replicas: Replicas,
  { options: { onDoubt }, heads, store, writer, trouble }: Opened,
): Promise<void> {
  const { keys, origin, restored } = about;
  const witnessing = new Witnessing({
    ...{ policy, keys, origin },
    read: (work) => store.snapshot(({ log }) => work(log)),
    // Else a replica that takes over would be refused as older than what it never had.
    before: (size) => replicas.hold(size),
    putCosigned: (size, note) => writer.putCosigned(size, note),
    onConflict: (witness, cause) => onDoubt(new Error(`witness ${witness}: ${cause.message}`, { cause })),
    onFailure: (witness, cause) => trouble(`witness ${witness}`, cause),
  });
  starting.defer(() => witnessing.stop());
  await refuseOutrun(witnessing, heads.head?.size ?? 0, restored);
  heads.listen(() => witnessing.newHead());
  replicas.onHeld(() => witnessing.newHead());
  // Before the witnessing stops, which may wait for them.
  starting.defer(() => replicas.close());
  witnessing.newHead();
}

export async function startFiles(
  starting: Starting,
  openFileStore: Openers['openFileStore'],
  keyOf: ReturnType<typeof deviceKeys>,
  { options, place, journals, store, now, trouble }: Opened,
): Promise<CentreFiles> {
  const fileStore = openFileStore(place);
  starting.defer(() => fileStore.close());
  const files = await openFiles({
    ...{ centre: options.centre, folder: place.paths.files, files: fileStore, store, journals, keyOf, now },
    shared: place.database !== null,
    options: options.files ?? defaultFileOptions,
    trouble: (cause) => trouble('files', cause),
  });
  starting.defer(() => files.stop());
  return files;
}

/** The centre's own voice, and the rounds in which it finds out what there is to say. */
export async function startSpeaking(
  starting: Starting,
  signer: Signer,
  submit: Centre['submit'],
  { options, place, heads, journals, store, now, trouble }: Opened,
): Promise<{ readonly voice: Voice; readonly rounds: Rounds }> {
  const { centre, accredited = null, digestEvery } = options;
  const party = signer.device;
  const voice = new Voice({ centre, party, signer, now, say: (statement) => submit(statement, []) });
  const sources = centreSources(store, journals, party, voice, place.paths.told);
  const refused = (cause: unknown) => trouble('accreditation', cause);
  const accreditation = new Accreditation(sources, voice, accredited, refused);
  await accreditation.sayAtStart(refused);
  const rounds = startRounds({
    ...{ sources, voice, accreditation, now },
    failed: (cause) => trouble('rounds', cause),
    ...(digestEvery === undefined ? {} : { digestEvery }),
  });
  heads.listen(() => rounds.nudge());
  starting.defer(() => rounds.stop());
  return { voice, rounds };
}

/** Sessions that have ended leave the journal, and with them the justifications that they were opened with. */
export async function startPurging(
  starting: Starting,
  read: Centre['read'],
  { journals, now, trouble }: Running,
): Promise<void> {
  const state = (device: string) => read((sources) => connectorState(device, sources));
  const revoked = (devices: readonly string[]) =>
    read(async ({ parties }) => {
      const found: string[] = [];
      for (const id of devices) if ((await parties.device(id))?.revoked != null) found.push(id);
      return found;
    });
  const purge = async () => {
    await journals.sessions.endRevoked(revoked).catch((cause) => trouble('sessions', cause));
    await journals.sessions.purge(now()).catch((cause) => trouble('sessions', cause));
    await journals.challenges.purge(now()).catch((cause) => trouble('challenges', cause));
    await journals.connectors.purge(state, now()).catch((cause) => trouble('connectors', cause));
  };
  const purging = setInterval(purge, 3_600_000).unref();
  starting.defer(() => clearInterval(purging));
  await purge();
}
