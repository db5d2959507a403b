/**
 * Keys that get lost: the recovery key that is printed and kept offline, guardians that readmit a party jointly, and
 * the way back. What the centre says of an arrangement is believed only with the statements that made it.
 */
import { base64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { enrolConsent, type PartyId, pkcs8, recoveryCode, recoverySeed } from '@parley/core/keys.ts';
import type { BodyOf } from '@parley/core/kinds.ts';
import { makePart } from '@parley/core/parts.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { type AnyHeader, isA, type Signer } from '@parley/core/statement.ts';
import { askJson, type Connection, fetchReceipt } from './connection.ts';
import { type EnrolmentRequest, readEnrolmentRequest } from './enrolment.ts';
import { type RecoveryView, recoveryShape } from './shapes.ts';
import { random, signerFromPkcs8 } from './signer.ts';
import type { Speaking } from './speak.ts';
import { type Speaker, submit } from './submit.ts';

export interface RecoveryKey {
  /** To print, and to keep away from every device. */
  readonly code: string;
  /** Base64 of the public key, which a statement names. */
  readonly key: string;
}

export async function newRecoveryKey(): Promise<RecoveryKey> {
  const code = recoveryCode(random(25));
  return { code, key: base64((await recoverySigner(code)).publicKey) };
}

/** @throws key.malformed */
export async function recoverySigner(code: string): Promise<Signer> {
  return signerFromPkcs8(pkcs8(recoverySeed(code)));
}

export interface Arrangement {
  /** Base64 of a public key, or null: none. */
  readonly recovery: string | null;
  readonly guardians: { readonly parties: readonly [PartyId, PartyId]; readonly delay: number } | null;
}

export interface RecoverySpeaking {
  /** Replaces what was arranged before, as a whole. */
  arrangeRecovery(arrangement: Arrangement): Promise<Receipt>;
  /** Vouches for the key of a party that named this one as its guardian. @param request what its new device printed */
  readmit(request: string): Promise<Receipt>;
  /** Ends the readmission of a key, in base64. */
  objectTo(key: string): Promise<Receipt>;
}

export function recoverySpeech(say: Speaking['say'], centre: string): RecoverySpeaking {
  return {
    arrangeRecovery: ({ recovery, guardians }) => {
      const named = guardians && {
        parties: [...guardians.parties] as [string, string],
        delay: guardians.delay,
      };
      return say({ kind: 'party.recovery/1', body: { recovery, guardians: named } });
    },
    async readmit(request) {
      const { party, key } = await readmissionRequest(request, centre);
      return say({ kind: 'party.readmit/1', body: { party, key } });
    },
    objectTo: (key) => say({ kind: 'party.object/1', body: { key } }),
  };
}

/** What a device that asks to be readmitted printed. @throws body.malformed, signature.invalid */
export async function readmissionRequest(request: string, centre: string): Promise<EnrolmentRequest> {
  const asked = await readEnrolmentRequest(request);
  if (asked.centre !== centre)
    throw new Refusal('body.malformed', { detail: 'the request is to another centre' });
  return asked;
}

export interface Recovering {
  readonly party: PartyId;
  /** The new device: its key, and what it is called. */
  readonly signer: Signer;
  readonly device: string;
  /** The printed recovery key; null: both guardians have vouched for the key of the new device. */
  readonly code: string | null;
  /** Of the next recovery key, in base64, or null: none. */
  readonly next: string | null;
  readonly ends?: string | null;
  /** Whether every device of the party ends. Left out: yes. */
  readonly revoke?: boolean;
}

/** @throws device.unknown (another key), recovery.* */
export async function recoverParty(connection: Connection, about: Recovering): Promise<Receipt> {
  const { party, signer, device, code, next, ends = null, revoke = true } = about;
  const speaker: Speaker = { party, signer: code === null ? signer : await recoverySigner(code) };
  const consent = base64(await signer.sign(enrolConsent(connection.centre, party)));
  const by: BodyOf<'party.recover/1'>['by'] = code === null ? 'guardians' : 'recovery';
  const body = { key: base64(signer.publicKey), ends, consent, by, recovery: next, revoke };
  return submit(connection, speaker, {
    kind: 'party.recover/1',
    body,
    parts: [makePart({ name: device }, random)],
  });
}

/** What is arranged, whom the party guards, and what is under way. @throws read.unproven */
export async function readRecovery(connection: Connection, party: PartyId): Promise<RecoveryView> {
  const view = await askJson(connection, 'recovery', recoveryShape);
  const { key, guardians, readmissions, wards } = view;
  if (key) await needs(connection, key.statement, (header) => namesKey(header, party, key.key));
  if (guardians)
    await needs(connection, guardians.statement, (header) => namesGuardians(header, party, guardians));
  await needWords(connection, party, readmissions);
  for (const ward of wards) {
    await needs(connection, ward.statement, (header) => namesGuardians(header, ward.party, ward));
    await needWords(connection, ward.party, ward.readmissions);
  }
  return view;
}

async function needs(
  connection: Connection,
  ref: StatementRef,
  says: (header: AnyHeader) => boolean,
): Promise<void> {
  const { header } = (await fetchReceipt(connection, ref)).statement;
  if (!says(header))
    throw new Refusal('read.unproven', { at: '/recovery', detail: `${ref.party}/${ref.id} says otherwise` });
}

function namesKey(header: AnyHeader, party: PartyId, key: string): boolean {
  const names =
    isA(header, 'party.found/1') || isA(header, 'party.recovery/1') || isA(header, 'party.recover/1');
  return names && header.party === party && header.body.recovery === key;
}

function namesGuardians(
  header: AnyHeader,
  party: PartyId,
  { parties, delay }: { readonly parties: readonly string[]; readonly delay: number },
): boolean {
  if (!isA(header, 'party.recovery/1') || header.party !== party) return false;
  const said = header.body.guardians;
  return said?.delay === delay && said.parties.every((each, i) => each === parties[i]);
}

async function needWords(
  connection: Connection,
  party: PartyId,
  readmissions: RecoveryView['readmissions'],
): Promise<void> {
  for (const { key, vouched } of readmissions)
    for (const { party: guardian, statement } of vouched)
      await needs(
        connection,
        statement,
        (header) =>
          isA(header, 'party.readmit/1') &&
          header.party === guardian &&
          header.body.party === party &&
          header.body.key === key,
      );
}
