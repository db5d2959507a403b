/**
 * What counts against a speaker: what it said for the first time, and nothing else. Its signed bytes stand in receipts
 * and on pages, so that whoever may read a statement can send it again as often as it likes, whole or with other parts.
 */
import { base64 } from '@parley/core/bytes.ts';
import { bringsDevice } from '@parley/core/chain.ts';
import { type Code, Refusal } from '@parley/core/errors.ts';
import { type Instant, instantOf } from '@parley/core/fields.ts';
import { maxSkew } from '@parley/core/record.ts';
import { type AnyHeader, isA, refOf, type Statement } from '@parley/core/statement.ts';
import type { Counting } from './api/context.ts';
import type { Tables } from './folds.ts';
import type { Store } from './log/ports.ts';

/** What may be said of bytes that others have, of a device that speaks no more, or of a key that anybody can make. */
const notItsDoing: ReadonlySet<Code> = new Set<Code>([
  'header.centre',
  'statement.id-known',
  'clock.skew',
  'device.unknown',
  'device.revoked',
  'device.ended',
]);

/** Refused statements that are remembered at once, in either half. */
const remembered = 10_000;

export class OwnDoing {
  readonly #store: Pick<Store<Tables>, 'snapshot'>;
  readonly #now: () => Instant;
  readonly #parties = new Map<string, string>();
  /** Signatures of those that were refused and counted, for as long as they could still be said: two halves in turn. */
  #young = new Set<string>();
  #old = new Set<string>();
  #turned: Instant = 0;

  constructor(store: Pick<Store<Tables>, 'snapshot'>, now: () => Instant) {
    this.#store = store;
    this.#now = now;
  }

  /**
   * Whether the device is one of the party that the header names: a right signature alone does not show it. What brings
   * its own key could be made by anybody.
   */
  async isSpeaker(header: AnyHeader): Promise<boolean> {
    if (bringsDevice(header) && !isA(header, 'device.enrol/1')) return false;
    return (await this.#partyOf(header.device)) === header.party;
  }

  /** A party that has nothing left is told so; what was said before is known all the same. @throws rate.limited, statement.id-known */
  async check(header: AnyHeader, counting: Counting): Promise<void> {
    await counting.check().catch(async (error: unknown) => {
      const place = await this.#store.snapshot(({ log }) => log.find(refOf(header)));
      throw place === null ? error : new Refusal('statement.id-known', { at: '/id' });
    });
  }

  /** Of what admission refused; true once for the same signed bytes. The centre's own state is nobody's doing. */
  refused(error: unknown, { header, envelope }: Statement): boolean {
    if (!(error instanceof Refusal) || error.class === 'busy' || error.class === 'fault') return false;
    // What was lost with an older log may be said again by whoever has it, however late.
    if (notItsDoing.has(error.code) || Math.abs(instantOf(header.at) - this.#now()) > maxSkew) return false;
    return this.#isFirst(base64(envelope.signature));
  }

  /** The signature stands for payload and key: nobody else can make another one of them. */
  #isFirst(signature: string): boolean {
    const now = this.#now();
    if (now - this.#turned > 2 * maxSkew || this.#young.size >= remembered) {
      this.#old = now - this.#turned > 4 * maxSkew ? new Set() : this.#young;
      this.#young = new Set();
      this.#turned = now;
    }
    if (this.#young.has(signature) || this.#old.has(signature)) return false;
    this.#young.add(signature);
    return true;
  }

  /** It never changes, so any moment of the store will do. */
  async #partyOf(device: string): Promise<string | null> {
    const known = this.#parties.get(device);
    if (known !== undefined) return known;
    const row = await this.#store.snapshot(({ db }) =>
      db
        .selectFrom('device')
        .innerJoin('party', 'party.no', 'device.party')
        .select('party.id')
        .where('device.id', '=', device)
        .executeTakeFirst(),
    );
    if (!row) return null;
    if (this.#parties.size > 10_000) this.#parties.clear();
    this.#parties.set(device, row.id);
    return row.id;
  }
}
