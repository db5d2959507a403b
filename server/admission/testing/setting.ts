/** A centre with a few parties and a clock that can be moved, and rows of the table of admission. */
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { it } from 'node:test';
import { type Bytes, base64 } from '@parley/core/bytes.ts';
import { type Code, Refusal } from '@parley/core/errors.ts';
import { millisecondsOf } from '@parley/core/fields.ts';
import type { Json } from '@parley/core/json.ts';
import { invitationSeed, joinConsent, pkcs8 } from '@parley/core/keys.ts';
import { makePart, type Part } from '@parley/core/parts.ts';
import {
  type AnyHeader,
  parseStatement,
  type Signer,
  type Statement,
  signHeader,
} from '@parley/core/statement.ts';
import { checkCentre } from '../../check-centre.ts';
import { pathsIn } from '../../paths.ts';
import { loadSigner } from '../../signer.ts';
import { Actor, newSigner, random } from '../../testing/actor.ts';
import { located } from '../../testing/located.ts';
import { World } from '../../testing/world.ts';

export interface Setting {
  readonly world: World;
  /** The centre's own party. */
  readonly centre: Actor;
  readonly host: Actor;
  readonly anna: Actor;
  readonly bert: Actor;
  readonly carl: Actor;
  /** A party that is in no room. */
  readonly eve: Actor;
  /** Moves the clock. */
  later(seconds: number): void;
  /** A time so many seconds from now, as headers write it. */
  at(seconds: number): string;
  end(): Promise<void>;
}

export async function begin(): Promise<Setting> {
  let offset = 0;
  const now = () => Date.now() * 1000 + offset;
  const world = await World.begin({ now });
  const signer = await loadSigner(pathsIn(world.folder).centreKey);
  const names = ['Anna', 'Bert', 'Carl', 'Eve'] as const;
  const [anna, bert, carl, eve] = await Promise.all(names.map((name) => world.party(name)));
  assert.ok(anna && bert && carl && eve);
  return {
    world,
    centre: new Actor(world, signer.device, signer),
    host: world.host,
    anna,
    bert,
    carl,
    eve,
    later(seconds) {
      offset += seconds * 1_000_000;
    },
    at: (seconds) => millisecondsOf(now() + seconds * 1_000_000),
    async end() {
      try {
        assert.deepEqual(world.doubts, []);
        assert.equal(world.centre.disagreements(), 0);
        await world.centre.round();
        await checkCentre({ ...located(world.folder), centre: world.centre.name, now: now() });
      } finally {
        await world.end();
      }
    },
  };
}

/** What whoever asked is told. Two of these that are equal cannot be told apart. */
export interface Told {
  readonly code: Code;
  readonly at: string | undefined;
  readonly detail: string | undefined;
  readonly params: Refusal['params'];
}

/** How it is refused; what is admitted, or fails in another way, fails the test. */
export async function refusalOf(work: Promise<unknown>): Promise<Told> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, at, detail, params } = error;
    return { code, at, detail, params };
  }
  throw new assert.AssertionError({ message: 'it was admitted' });
}

/** Nothing is left behind by what is refused. */
export async function refusedWithoutTrace(world: World, work: () => Promise<unknown>): Promise<Told> {
  const size = world.centre.head()?.size ?? 0;
  const told = await refusalOf(work());
  // The centre itself may have said something meanwhile.
  const since = await world.centre.read(async (_, { log }) => log.range(size, (await log.head())?.size ?? 0));
  const others = since.filter(({ header }) => header.party !== world.centre.party);
  assert.deepEqual(
    others.map(({ header }) => header.kind),
    [],
    'nothing was appended',
  );
  assert.deepEqual(world.doubts, []);
  return told;
}

type Judged = () => Promise<unknown>;

/**
 * Rows of the table of one file. `refused` takes what comes before, and gives what is judged.
 */
export function table(setting: () => Setting) {
  return {
    refused(name: string, code: Code, at: string | undefined, before: () => Promise<Judged> | Judged): void {
      it(`refuses ${name}: ${code}`, async () => {
        const judged = await before();
        const told = await refusedWithoutTrace(setting().world, judged);
        assert.deepEqual({ code: told.code, at: told.at }, { code, at });
      });
    },
    admitted(name: string, work: () => Promise<unknown>): void {
      it(`admits ${name}`, async () => {
        await work();
        assert.deepEqual(setting().world.doubts, []);
      });
    },
  };
}

/** The statement with another header, signed by this device. */
export async function resigned(statement: Statement, change: object, signer: Signer): Promise<Statement> {
  const header = { ...statement.header, ...change } as AnyHeader;
  return parseStatement((await signHeader(header, signer)) as unknown as Json);
}

/** A key pair of an invitation, by its code. */
export function invitationKey(code: string): {
  readonly key: string;
  readonly sign: (message: Bytes) => string;
} {
  const secret = createPrivateKey({
    key: Buffer.from(pkcs8(invitationSeed(code))),
    format: 'der',
    type: 'pkcs8',
  });
  return { key: publicHalf(secret), sign: (message) => sign(null, message, secret).toString('base64') };
}

function publicHalf(secret: KeyObject): string {
  const { x } = createPublicKey(secret).export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url').toString('base64');
}

export const code = (): string => `CODE-${crypto.randomUUID()}`;

export const profile = (name = 'New'): Part => makePart({ name, device: 'desk' }, random);

/** A founding with this code, whether anybody invited with it or not. */
export async function founding(
  world: World,
  invitation: string,
  about: { signer?: Signer; ends?: string | null; centre?: string } = {},
): Promise<{ statement: Statement; parts: Part[] }> {
  const { signer = newSigner(), ends = null, centre = world.centre.name } = about;
  const { key, sign: consent } = invitationKey(invitation);
  const signature = consent(joinConsent(centre, signer.publicKey));
  const parts = [profile()];
  const body = { key: base64(signer.publicKey), ends, invitation: { key, signature } };
  const actor = new Actor(world, signer.device, signer);
  return { statement: await actor.make('party.found/1', body, { parts }), parts };
}
