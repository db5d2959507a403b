/** The first moments of a centre: its keys, its store, and the two statements that the centre says before anybody can. */

import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type Bytes, base64 } from '@parley/core/bytes.ts';
import { millisecondsOf } from '@parley/core/fields.ts';
import type { Json } from '@parley/core/json.ts';
import {
  invitationCode,
  invitationSeed,
  joinConsent,
  pkcs8,
  recoveryCode,
  recoverySeed,
} from '@parley/core/keys.ts';
import { rootOf } from '@parley/core/merkle.ts';
import { makePart, type Part, partLeaf } from '@parley/core/parts.ts';
import type { AnyHeader } from '@parley/core/statement.ts';
import { parseStatement, type Signer, signHeader } from '@parley/core/statement.ts';
import type { Centre } from './app.ts';
import { createLogKeys, saveLogKeys } from './log/keys.ts';
import { createLog, type Place } from './place.ts';
import { createSigner } from './signer.ts';

/** Keys and an empty store in a folder of their own. @throws store.present */
export async function createCentre(place: Place): Promise<void> {
  const { paths, vault } = place;
  mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
  await createLog(place);
  saveLogKeys(createLogKeys(), paths.logKeys, vault);
  createSigner(paths.centreKey, vault);
}

/** The first record, which names the keys of party and log. */
export async function sayOpening(centre: Centre, signer: Signer, name: string): Promise<void> {
  const part = makePart({ name, device: 'centre' }, random);
  const body = { key: base64(signer.publicKey), logs: [...centre.vkeys] };
  await say(centre, signer, 'centre.open/1', body, [part]);
}

/** Invites the party that will host; returns the code, which nobody but who reads it here ever learns. */
export async function inviteHost(centre: Centre, signer: Signer, days: number): Promise<string> {
  const code = invitationCode(random(25));
  const key = rawKey(invitationKey(code));
  const until = millisecondsOf(centre.now() + days * 86_400_000_000);
  await say(centre, signer, 'party.invite/1', { key, until }, []);
  return code;
}

function invitationKey(code: string): KeyObject {
  return keyFrom(invitationSeed(code));
}

function keyFrom(seed: Bytes): KeyObject {
  return createPrivateKey({ key: Buffer.from(pkcs8(seed)), format: 'der', type: 'pkcs8' });
}

/**
 * The party that hosts takes up its invitation. Its key is its own: only the signature comes here.
 * @param names of the party and of its first device
 * @returns its recovery key, which nobody but who reads it here ever learns
 */
export async function foundHost(
  centre: Centre,
  signer: Signer,
  code: string,
  names: { readonly name: string; readonly device: string },
): Promise<string> {
  const inviter = invitationKey(code);
  const invitation = {
    key: rawKey(inviter),
    signature: sign(null, joinConsent(centre.name, signer.publicKey), inviter).toString('base64'),
  };
  const printed = recoveryCode(random(25));
  const recovery = rawKey(keyFrom(recoverySeed(printed)));
  const body = { key: base64(signer.publicKey), ends: null, invitation, recovery };
  await say(centre, signer, 'party.found/1', body, [makePart(names, random)]);
  return printed;
}

/** Base64 of the 32 bytes of the public half. */
function rawKey(key: KeyObject): string {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url').toString('base64');
}

async function say(
  centre: Centre,
  signer: Signer,
  kind: string,
  body: object,
  parts: readonly Part[],
): Promise<void> {
  const header = {
    kind,
    centre: centre.name,
    id: crypto.randomUUID(),
    party: signer.device,
    device: signer.device,
    at: millisecondsOf(centre.now()),
    body,
    ...(parts.length > 0
      ? { parts: { count: parts.length, root: base64(rootOf(parts.map(partLeaf))) } }
      : {}),
  };
  const envelope = await signHeader(header as unknown as AnyHeader, signer);
  await centre.submit(parseStatement(envelope as unknown as Json), parts);
}

function random(length: number): Bytes {
  return new Uint8Array(randomBytes(length));
}
