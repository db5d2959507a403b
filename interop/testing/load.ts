/** Members of a centre who say, take back, pass on, bring files, read and come and go, many at once, until it dies. */
import { utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { refOf, roomId, type Signer } from '@parley/core/statement.ts';
import { type Centre, memoryInRam, openCentre } from '@parley/sdk/centre.ts';
import type { Session } from '@parley/sdk/session.ts';
import { generateKey } from '@parley/sdk/signer.ts';
import { handling, indicator, terms } from '../../server/testing/actor.ts';
import type { Chance } from './chance.ts';
import type { Ledger } from './ledger.ts';

const purpose = 'event-security';

/** A device with what it remembers of the log, from one life of the centre to the next. */
export class Device {
  readonly name: string;
  readonly party: string;
  readonly signer: Signer;
  readonly #memory = memoryInRam();
  declare centre: Centre;
  declare session: Session;

  constructor(name: string, party: string, signer: Signer) {
    this.name = name;
    this.party = party;
    this.signer = signer;
  }

  /** @throws proof.consistency where the log is not what it was */
  async visit(url: string, ledger: Ledger): Promise<void> {
    this.centre = await openCentre(url, { memory: this.#memory, fetch: ledger.fetchFor(this.party) });
    await this.centre.checkpoint();
    this.session = await this.another();
  }

  another(): Promise<Session> {
    return this.centre.session({ signer: this.signer, party: this.party, purpose });
  }
}

/** Something that was shared; `mark` stands in its content and nowhere else. */
export interface Shared {
  readonly by: Device;
  readonly ref: StatementRef;
  readonly mark: string;
  readonly file: boolean;
}

/** What may come back while the centre lives, when many act at once. */
const usual = ['target.recalled', 'target.unknown', 'queue.full', 'cursor.stale', 'session.unknown'];

export class Load {
  readonly ledger: Ledger;
  readonly devices: Device[] = [];
  readonly shared: Shared[] = [];
  /** Taken back, with a receipt for that. */
  readonly recalled: Shared[] = [];
  /** What nobody should have been answered. */
  readonly problems: string[] = [];
  readonly #expected: ReadonlySet<string>;
  readonly #chance: Chance;
  room = '';

  /** @param expected codes beside the usual ones */
  constructor(chance: Chance, ledger: Ledger, expected: readonly string[] = []) {
    this.#expected = new Set([...usual, ...expected]);
    this.#chance = chance;
    this.ledger = ledger;
  }

  /** The host and two more, in one room. */
  async settle(url: string, host: { party: string; signer: Signer }): Promise<void> {
    const first = new Device('Host', host.party, host.signer);
    await first.visit(url, this.ledger);
    this.room = roomId(refOf((await first.session.openRoom(terms)).statement.header));
    this.devices.push(first);
    for (const name of ['Anna', 'Bert']) {
      const { code } = await first.session.inviteParty();
      const { signer } = await generateKey();
      const device = new Device(name, signer.device, signer);
      const centre = await openCentre(url, {
        memory: memoryInRam(),
        fetch: this.ledger.fetchFor(device.party),
      });
      await centre.join({ code, name, device: 'desk', signer });
      await device.visit(url, this.ledger);
      await first.session.invite(this.room, device.party);
      const shown = await device.session.room(this.room);
      await device.session.accept(this.room, shown.offered?.hash ?? '');
      this.devices.push(device);
    }
  }

  async visit(url: string): Promise<void> {
    for (const device of this.devices) await device.visit(url, this.ledger);
  }

  /** Until the signal: many at once, each doing one thing after another. */
  async run(over: AbortSignal): Promise<void> {
    const acts = [
      ...Array.from({ length: 10 }, () => () => this.#share()),
      ...Array.from({ length: 2 }, () => () => this.#bringFile()),
      ...Array.from({ length: 3 }, () => () => this.#recall()),
      ...Array.from({ length: 2 }, () => () => this.#grant()),
      ...Array.from({ length: 4 }, () => () => this.#read()),
      ...Array.from({ length: 2 }, () => () => this.#comeAndGo()),
    ];
    await Promise.all(acts.map((act) => this.#repeat(act, over)));
  }

  async #repeat(act: () => Promise<unknown>, over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      try {
        await act();
        // Nothing to do yet must not keep the others from doing it.
        await new Promise((resolve) => setImmediate(resolve));
      } catch (error) {
        if (over.aborted) return;
        const code = error instanceof Refusal ? error.code : String(error);
        if (!this.#expected.has(code)) this.problems.push(`while it ran: ${code}: ${String(error)}`);
        if (code === 'centre.unreachable') return;
      }
    }
  }

  #device(): Device {
    return this.#chance.pick(this.devices) as Device;
  }

  async #share(): Promise<void> {
    const by = this.#device();
    const mark = `mark-${crypto.randomUUID()}`;
    const objects = Array.from({ length: 1 + this.#chance.below(4) }, () =>
      utf8(JSON.stringify(indicator(mark, { description: 'x'.repeat(this.#chance.below(2_000)) }))),
    );
    for (const { statement } of await by.session.share(this.room, objects, handling))
      this.shared.push({ by, ref: refOf(statement.header), mark, file: false });
  }

  async #bringFile(): Promise<void> {
    const by = this.#device();
    const mark = `mark-${crypto.randomUUID()}`;
    const blob = new Blob([`${mark} ${'words '.repeat(this.#chance.below(30_000))}`]);
    const { statement } = await by.session.shareFiles(
      this.room,
      [{ blob, name: 'note.txt', type: 'text/plain' }],
      handling,
    );
    this.shared.push({ by, ref: refOf(statement.header), mark, file: true });
  }

  async #recall(): Promise<void> {
    // Half of the time there is nothing to take back: what is shared must outgrow it.
    const shared = this.#chance.below(2) === 0 ? undefined : this.#chance.pick(this.shared);
    if (!shared) return pauseShortly();
    await shared.by.session.recall({ ...shared.ref, room: this.room });
    this.recalled.push(shared);
  }

  async #grant(): Promise<void> {
    const shared = this.#chance.pick(this.shared);
    const to = this.devices.filter(({ party }) => party !== shared?.by.party);
    if (!shared) return pauseShortly();
    const about = { to: (this.#chance.pick(to) as Device).party, purposes: [purpose] };
    await shared.by.session.grant({ ...shared.ref, room: this.room }, about);
  }

  async #read(): Promise<void> {
    const { session } = this.#device();
    const order = this.#chance.below(2) === 0 ? 'newest' : 'oldest';
    let wanted = 1 + this.#chance.below(40);
    for await (const _ of session.parts(this.room, { order, pageSize: 20 })) if (--wanted === 0) break;
    await pauseShortly();
  }

  async #comeAndGo(): Promise<void> {
    const session = await this.#device().another();
    await session.rooms();
    if (this.#chance.below(2) === 0) await session.close();
    await pauseShortly();
  }
}

function pauseShortly(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
