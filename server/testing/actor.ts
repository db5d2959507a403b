/** Parties that speak to the front door of a centre: for tests. */

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { type Bytes, base64 } from '@parley/core/bytes.ts';
import { millisecondsOf, type StatementRef } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import type { Json } from '@parley/core/json.ts';
import { enrolConsent, fingerprint, pkcs8 } from '@parley/core/keys.ts';
import type { KindName, Right, RoomRole } from '@parley/core/kinds.ts';
import { rootOf } from '@parley/core/merkle.ts';
import { makePart, type Part, partLeaf } from '@parley/core/parts.ts';
import {
  type AnyHeader,
  parseStatement,
  roomId,
  type Signer,
  type Statement,
  signHeader,
} from '@parley/core/statement.ts';
import type { Terms } from '@parley/core/terms.ts';
import type { Admitted } from '../log/queue.ts';
import { releasePage, type Shown } from '../release/content.ts';
import type { Viewer } from '../release/viewer.ts';

import type { World } from './world.ts';
export const random = (length: number): Bytes => new Uint8Array(randomBytes(length));

function signerFrom(key: KeyObject): Signer {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  const publicKey: Bytes = new Uint8Array(Buffer.from(x ?? '', 'base64url'));
  return {
    device: fingerprint(publicKey),
    publicKey,
    sign: async (message) => new Uint8Array(sign(null, message, key)),
  };
}

export function newSigner(): Signer {
  return signerFrom(generateKeyPairSync('ed25519').privateKey);
}

export function seeded(seed: Bytes): Signer {
  return signerFrom(createPrivateKey({ key: Buffer.from(pkcs8(seed)), format: 'der', type: 'pkcs8' }));
}

export const terms: Terms = {
  title: 'Harbour Festival',
  purposes: ['event-security', 'threat-prevention', 'public-information'],
  own: [],
  handling: { purposes: ['event-security'], onward: 'ask', tlp: 'amber' },
  retention: null,
  past: false,
  roster: true,
  conditions: 'Use it to protect people.',
};

export const handling: Handling = {
  to: 'room',
  purposes: ['event-security'],
  onward: 'ask',
  until: null,
  review: null,
  tlp: 'amber',
  personal: false,
};

export interface Said extends Admitted {
  readonly ref: StatementRef;
  readonly statement: Statement;
  readonly parts: readonly Part[];
}

/** One device of a party. */
export class Actor {
  readonly world: World;
  readonly party: string;
  readonly signer: Signer;

  constructor(world: World, party: string, signer: Signer) {
    this.world = world;
    this.party = party;
    this.signer = signer;
  }

  /** The same device at a fork of its centre. */
  in(world: World): Actor {
    return new Actor(world, this.party, this.signer);
  }

  /** Signs a header and its parts, without sending them. */
  async make(
    kind: KindName,
    body: object,
    { room, parts = [] }: { room?: string; parts?: readonly Part[] } = {},
  ): Promise<Statement> {
    const header = {
      kind,
      centre: this.world.centre.name,
      ...(room === undefined ? {} : { room }),
      id: crypto.randomUUID(),
      party: this.party,
      device: this.signer.device,
      at: millisecondsOf(this.world.centre.now()),
      body,
      ...(parts.length > 0
        ? { parts: { count: parts.length, root: base64(rootOf(parts.map(partLeaf))) } }
        : {}),
    };
    const envelope = await signHeader(header as unknown as AnyHeader, this.signer);
    return parseStatement(envelope as unknown as Json);
  }

  async say(
    kind: KindName,
    body: object,
    about: { room?: string; parts?: readonly Part[] } = {},
  ): Promise<Said> {
    const statement = await this.make(kind, body, about);
    const parts = about.parts ?? [];
    const admitted = await this.world.centre.submit(statement, parts);
    return { ...admitted, statement, parts, ref: { party: this.party, id: statement.header.id } };
  }

  async openRoom(about: Partial<Terms> = {}): Promise<string> {
    const { ref } = await this.say('room.open/1', {}, { parts: [makePart({ ...terms, ...about }, random)] });
    return roomId(ref);
  }

  async changeTerms(room: string, about: Partial<Terms>): Promise<Said> {
    return this.say('room.terms/1', {}, { room, parts: [makePart({ ...terms, ...about }, random)] });
  }

  invite(room: string, other: Actor, as?: RoomRole): Promise<Said> {
    return this.say('room.invite/1', { party: other.party, ...(as ? { as } : {}) }, { room });
  }

  suspend(room: string, other: Actor): Promise<Said> {
    return this.say('room.suspend/1', { party: other.party }, { room });
  }

  restore(room: string, other: Actor): Promise<Said> {
    return this.say('room.restore/1', { party: other.party }, { room });
  }

  /** Of the terms now offered. */
  termsHash(room: string): Promise<string> {
    return this.world.centre.read(async ({ rooms }) => (await rooms.room(room))?.terms.hash ?? '');
  }

  async accept(room: string): Promise<Said> {
    return this.say('room.accept/1', { terms: await this.termsHash(room) }, { room });
  }

  share(room: string, objects: readonly object[], how: Partial<Handling> = {}): Promise<Said> {
    const parts = objects.map((object) => makePart(object, random));
    return this.say('share/1', { handling: { ...handling, ...how } }, { room, parts });
  }

  /** @param from from these alone; left out: from all */
  recall(
    room: string,
    target: StatementRef,
    parts: readonly number[] | null = null,
    from?: readonly Actor[],
  ): Promise<Said> {
    const some = from ? { from: from.map(({ party }) => party).sort() } : {};
    return this.say('recall/1', { target, parts, ...some }, { room });
  }

  async grant(
    room: string,
    target: StatementRef,
    to: Actor,
    about: { parts?: number[]; purposes?: string[]; ask?: StatementRef } = {},
  ): Promise<Said> {
    const { parts = null, purposes = handling.purposes, ask = null } = about;
    return this.say(
      'grant/1',
      { target, parts, to: to.party, purposes, terms: await this.termsHash(room), ask },
      { room },
    );
  }

  async enrol(
    rights: readonly Right[],
    ends: string | null = null,
    limits: { rooms?: readonly string[]; personal?: boolean } = {},
  ): Promise<Actor> {
    const signer = newSigner();
    const consent = base64(await signer.sign(enrolConsent(this.world.centre.name, this.party)));
    const body = { key: base64(signer.publicKey), rights, ends, consent, ...limits };
    await this.say('device.enrol/1', body, { parts: [makePart({ name: 'second device' }, random)] });
    return new Actor(this.world, this.party, signer);
  }

  viewer(about: Partial<Viewer> = {}): Viewer {
    return {
      party: this.party,
      device: this.signer.device,
      purpose: 'event-security',
      justification: null,
      ...about,
    };
  }

  /** What a page of the room shows, and the journal of it, as an answer of the API would. */
  async read(
    room: string,
    about: Partial<Viewer> & {
      limit?: number;
      after?: string;
      order?: 'oldest' | 'newest';
      type?: string;
    } = {},
  ): Promise<Shown> {
    const { limit = 100, after = null, order = 'oldest', type = null, ...viewer } = about;
    const { centre } = this.world;
    const who = this.viewer(viewer);
    const page = await centre.read((sources) =>
      releasePage(who, { room, after, limit, order, type }, sources),
    );
    const list = page.value.statements.map(({ record, parts }) => ({
      index: record.index,
      parts: parts.map(({ n }) => n),
    }));
    if (list.length > 0)
      await centre.journals.accesses.recordAccess({
        at: centre.now(),
        party: this.party,
        device: this.signer.device,
        purpose: who.purpose,
        justification: who.justification,
        route: 'parts',
        list,
      });
    return page.value;
  }

  /** Names of the indicators that it sees in a room. */
  async names(room: string, about: Parameters<Actor['read']>[1] = {}): Promise<string[]> {
    const { statements } = await this.read(room, about);
    return statements.flatMap(({ parts }) =>
      parts.map(({ part }) => JSON.parse(new TextDecoder().decode(part.bytes)).name as string),
    );
  }
}

/** A STIX object of a type that needs nothing else. */
export function indicator(
  name: string,
  about: object = {},
): { id: string; modified: string } & Record<string, unknown> {
  const now = '2026-05-01T12:00:00.000Z';
  return {
    type: 'identity',
    spec_version: '2.1',
    id: `identity--${crypto.randomUUID()}`,
    created: now,
    modified: now,
    name,
    ...about,
  };
}
