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
import { devices, names, type Role } from './cast.ts';
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

  /** Makes the party's first key in its home, and founds the party. */
  static async join(role: Role, home: Home, url: string, code: string, purpose: string): Promise<Player> {
    const centre = await openCentre(url, centreOptions(home));
    const { signer, pkcs8 } = await generateKey();
    const { info } = centre;
    home.create({
      format: 'parley-home/1',
      url: centre.url,
      centre: info.centre,
      origin: info.origin,
      party: signer.device,
      name: names[role],
      device: signer.device,
      deviceName: devices[role],
      pkcs8: base64(pkcs8),
    });
    await centre.join({ code, name: names[role], device: devices[role], signer });
    return Player.signIn(role, home, url, purpose);
  }

  static async signIn(role: Role, home: Home, url: string, purpose: string): Promise<Player> {
    const { party, origin, pkcs8 } = home.profile();
    const centre = await openCentre(url, { ...centreOptions(home), origin });
    const signer = await signerFromPkcs8(fromBase64(pkcs8) ?? new Uint8Array(0));
    return new Player(role, await centre.session({ signer, party, purpose }));
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

export function refFrom({ statement }: Receipt): StatementRef {
  return refOf(statement.header);
}
