/** The front door: what is said is checked before the queue, written, and then what follows from it for the journals. */
import { type Bytes, concat } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import { publicKeyFrom } from '@parley/core/keys.ts';
import type { Part } from '@parley/core/parts.ts';
import type { Statement } from '@parley/core/statement.ts';
import { checkShape, checkSignature, type KeyOf } from './admission/check.ts';
import type { Counting } from './api/context.ts';
import type { Centre } from './app.ts';
import type { CentreFiles } from './centre-files.ts';
import type { CheckerCalls } from './check-thread.ts';
import { checkOffered } from './connectors.ts';
import type { Tables } from './folds.ts';
import type { Journals } from './journals/journals.ts';
import type { Checked } from './log/checked.ts';
import type { Store } from './log/ports.ts';
import type { Admitted } from './log/queue.ts';
import type { Replicas } from './log/replicas.ts';
import { OwnDoing } from './own-doing.ts';
import type { Thread } from './thread.ts';
import type { Writer } from './writer.ts';

/** Above this size of parts, shapes are checked in a thread of their own. */
const largeParts = 32 * 1024;

type Reading = Pick<Store<Tables>, 'snapshot'>;

export interface DoorParts {
  readonly store: Reading;
  readonly journals: Journals;
  readonly files: CentreFiles;
  readonly writer: Writer;
  readonly replicas: Pick<Replicas, 'ready' | 'hold'>;
  readonly checker: Thread<CheckerCalls>;
  readonly keyOf: KeyOf;
  readonly read: Centre['read'];
  readonly now: () => Instant;
  readonly trouble: (what: string, cause: unknown) => void;
}

/** What was admitted, with what the checks before the queue found: nobody needs to read it back. */
export interface Taken extends Admitted {
  /** Of its parts, 32 bytes each. */
  readonly leaves: Bytes;
}

export interface FrontDoor {
  /**
   * Checks and takes a statement; resolves when it is durable.
   * @param counting asked once its signature held, and told of what its speaker said for the first time
   * @throws Refusal
   */
  submit(statement: Statement, parts: readonly Part[], counting?: Counting): Promise<Taken>;
  waiting(): number;
}

export function frontDoor(door: DoorParts): FrontDoor {
  const { store, journals, files, writer, replicas, checker, keyOf, now } = door;
  const signingKeyOf = withRecoveryKeys(keyOf, store);
  const doing = new OwnDoing(store, now);
  let waiting = 0;
  return {
    async submit(statement, parts, counting) {
      waiting++;
      let speaker: string | null = null;
      let counted: Counting | undefined;
      // Before that, what was sent need not be what was signed.
      let decided = false;
      try {
        await checkSignature(statement, signingKeyOf);
        speaker = statement.header.party;
        if (counting && (await doing.isSpeaker(statement.header))) {
          await doing.check(statement.header, counting);
          counted = counting;
        }
        await checkOffered(statement, journals.connectors, now());
        const checked = await shapeOf(statement, parts, checker);
        // Before the queue: what nobody would be answered for is not taken.
        replicas.ready();
        const admitted = await files.using(statement, parts, () => {
          decided = true;
          return writer.submit(checked);
        });
        afterwards(statement, door);
        await replicas.hold(admitted.index + 1);
        await counted?.count();
        return { ...admitted, leaves: concat(...checked.leaves) };
      } catch (error) {
        if (decided && counted && doing.refused(error, statement)) await counted.count();
        if (error instanceof Refusal && error.concerns.length > 0) tell(error, statement, speaker, door);
        throw error;
      } finally {
        waiting--;
      }
    },
    waiting: () => waiting,
  };
}

/** Keys never change, so any moment of the store will do, and they are kept. */
export function deviceKeys(store: Reading): KeyOf {
  const kept = new Map<string, Bytes>();
  return async (device) => {
    const known = kept.get(device);
    if (known) return known;
    const row = await store.snapshot(({ db }) =>
      db.selectFrom('device').select('key').where('id', '=', device).executeTakeFirst(),
    );
    if (!row) return null;
    if (kept.size > 10_000) kept.clear();
    const key = publicKeyFrom(row.key);
    kept.set(device, key);
    return key;
  };
}

/** A recovery key signs one kind of statement, and opens no session: it is looked for here alone. */
function withRecoveryKeys(keyOf: KeyOf, store: Reading): KeyOf {
  return async (id) => {
    const device = await keyOf(id);
    if (device) return device;
    const row = await store.snapshot(({ db }) =>
      db.selectFrom('recovery_key').select('key').where('id', '=', id).executeTakeFirst(),
    );
    return row ? publicKeyFrom(row.key) : null;
  };
}

async function shapeOf(
  statement: Statement,
  parts: readonly Part[],
  checker: Thread<CheckerCalls>,
): Promise<Checked> {
  const size = parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (size < largeParts) return checkShape(statement, parts);
  const { leaves, objects } = await checker.call('check', {
    statement,
    parts,
  });
  return { statement, parts, leaves, objects };
}

/** Those whom a refused attempt was aimed at. Nobody waits for it: the time of an answer must tell nothing. */
function tell(
  refusal: Refusal,
  { header }: Statement,
  speaker: string | null,
  { journals, read, now, trouble }: DoorParts,
): void {
  const isHere = (id: string) => read(async ({ parties }) => (await parties.party(id)) !== null);
  journals.attempts
    .note(refusal, { speaker, what: header.kind, at: now() }, isHere)
    .catch((cause: unknown) => trouble('attempts', cause));
}

/** A device that was revoked sees nothing from the commit on; what the journals hold of it is their own affair. */
function afterwards({ header }: Statement, door: DoorParts): void {
  const { trouble } = door;
  if (header.kind === 'device.revoke/1')
    endDevice(header.body.device, door).catch((cause) => trouble('sessions', cause));
  if (header.kind === 'party.recover/1' && header.body.revoke)
    endRevoked(header.party, door).catch((cause) => trouble('sessions', cause));
}

/** Its sessions, and the key that the centre holds where it was a connector. */
async function endDevice(device: string, { journals }: Pick<DoorParts, 'journals'>): Promise<void> {
  await journals.sessions.endOfDevice(device);
  await journals.connectors.end(device);
}

async function endRevoked(party: string, door: DoorParts): Promise<void> {
  const rows = await door.store.snapshot(({ db }) =>
    db
      .selectFrom('device')
      .innerJoin('party', 'party.no', 'device.party')
      .select('device.id')
      .where('party.id', '=', party)
      .where('revoked', 'is not', null)
      .execute(),
  );
  for (const { id } of rows) await endDevice(id, door);
}
