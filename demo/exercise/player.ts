/** A party of the exercise: it speaks and reads through the front door, from a home like that of any device. */
import { centreOptions } from '@parley/cli/desk.ts';
import type { Home } from '@parley/cli/home.ts';
import { base64, fromBase64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { refOf, roomId } from '@parley/core/statement.ts';
import type { Terms } from '@parley/core/terms.ts';
import { openCentre } from '@parley/sdk/centre.ts';
import type { Session } from '@parley/sdk/session.ts';
import { generateKey, signerFromPkcs8 } from '@parley/sdk/signer.ts';
import { devices, names, purposes, type Role } from './cast.ts';
import { bytesOf, type Stix } from './objects.ts';

export class Player {
  readonly role: Role;
  readonly party: string;
  readonly session: Session;

  private constructor(role: Role, session: Session) {
    this.role = role;
    this.party = session.party;
    this.session = session;
  }

  /**
   * Makes the party's first key in its home, and founds the party.
   * @param recovery public key of the recovery key that it has printed
   */
  static async join(
    role: Role,
    home: Home,
    { url, code, recovery }: { url: string; code: string; recovery?: string },
  ): Promise<Player> {
    const { centre, signer } = await deviceIn(home, url, { name: names[role], deviceName: devices[role] });
    const about = { code, name: names[role], device: devices[role], signer };
    await centre.join(recovery === undefined ? about : { ...about, recovery });
    return Player.signIn(role, home, url);
  }

  static async signIn(role: Role, home: Home, url: string): Promise<Player> {
    const { party, origin, pkcs8 } = home.profile();
    const centre = await openCentre(url, { ...centreOptions(home), origin });
    const signer = await signerFromPkcs8(fromBase64(pkcs8) ?? new Uint8Array(0));
    return new Player(role, await centre.session({ signer, party, purpose: purposes[role] }));
  }

  async openRoom(terms: Terms): Promise<string> {
    return roomId(refOf((await this.session.openRoom(terms)).statement.header));
  }

  async accept(room: string): Promise<void> {
    await this.session.accept(room, await this.#offered(room));
  }

  async decline(room: string, reason: string): Promise<void> {
    await this.session.decline(room, await this.#offered(room), reason);
  }

  async #offered(room: string): Promise<string> {
    const { offered } = await this.session.room(room);
    if (!offered) throw new Refusal('invitation.unknown');
    return offered.hash;
  }

  /** One statement with these objects. */
  async share(room: string, objects: readonly Stix[], handling: Handling): Promise<StatementRef> {
    const [receipt] = await this.session.share(room, bytesOf(objects), handling);
    if (!receipt) throw new Refusal('parts.count');
    return refFrom(receipt);
  }

  /** Reads the whole room, as it may. @returns how many objects it saw */
  async read(room: string): Promise<number> {
    let seen = 0;
    for await (const _part of this.session.parts(room)) seen++;
    return seen;
  }

  /** The notices that wait for an answer of this party, oldest first. */
  async notices(): Promise<StatementRef[]> {
    const tasks = await this.session.tasks();
    return tasks.filter(({ what }) => what === 'notice').map(({ statement }) => statement);
  }
}

/** A new key, in a home that has none. @param party left out: the one that this key will found */
export async function deviceIn(
  home: Home,
  url: string,
  { name, deviceName, party }: { name: string | null; deviceName: string; party?: string },
) {
  const centre = await openCentre(url, centreOptions(home));
  const { signer, pkcs8 } = await generateKey();
  const { centre: centreName, origin } = centre.info;
  home.create({
    format: 'parley-home/1',
    ...{ url: centre.url, centre: centreName, origin, name },
    ...{ party: party ?? signer.device, device: signer.device, deviceName, pkcs8: base64(pkcs8) },
  });
  return { centre, signer };
}

/** What must not go through: an exercise in which it did would tell something untrue. */
export async function refused(code: string, say: () => Promise<unknown>): Promise<void> {
  try {
    await say();
  } catch (error) {
    if (error instanceof Refusal && error.code === code) return;
    throw error;
  }
  throw new Refusal('fault', { detail: `expected to be refused: ${code}` });
}

export function refFrom({ statement }: Receipt): StatementRef {
  return refOf(statement.header);
}
