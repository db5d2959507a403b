/** A statement: a signed header, and parts beside it. What is verified is what is handed on, never parsed again. */
import { z } from 'zod';
import { type Bytes, base64, utf8 } from './bytes.ts';
import { type Envelope, parseEnvelope, preAuthEncoding } from './dsse.ts';
import { Refusal } from './errors.ts';
import {
  deviceId,
  hash,
  instantText,
  maxParts,
  partyId,
  type StatementRef,
  statementRef,
  uuid,
} from './fields.ts';
import type { FileEntry } from './files.ts';
import { checkHandling, type Handling } from './handling.ts';
import { type Json, parseCanonicalJson } from './json.ts';
import type { DeviceId, PartyId } from './keys.ts';
import { type BodyOf, isKind, type KindName, kinds } from './kinds.ts';
import { checkLogNames } from './log-names.ts';
import { sha256 } from './sha256.ts';

export const statementType = 'application/vnd.parley.statement+json';
export const maxHeaderBytes = 64 * 1024;

/** An origin name such as `centre.example`: a host, with a path where one host serves several centres. */
export const centreName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::\d{1,5})?(?:\/[a-z0-9._~-]{1,64}){0,4}$/,
    'expected an origin name such as centre.example',
  );

const common = z.strictObject({
  kind: z.string().max(64),
  centre: centreName,
  /** UUID of a room; see `roomId`. */
  room: uuid.optional(),
  /** Random; (party, id) is the statement's identity. */
  id: uuid,
  party: partyId,
  device: deviceId,
  /** When the speaker says that it spoke. The centre's instant stands in the record. */
  at: instantText,
  body: z.unknown(),
  parts: z.strictObject({ count: z.int().min(1).max(maxParts), root: hash }).optional(),
});

export interface Header<K extends KindName = KindName> {
  readonly kind: K;
  readonly centre: string;
  readonly room?: string;
  readonly id: string;
  readonly party: PartyId;
  readonly device: DeviceId;
  readonly at: string;
  readonly body: BodyOf<K>;
  readonly parts?: { readonly count: number; readonly root: string };
}

/** A header whose body's type follows from its kind. */
export type AnyHeader = { [K in KindName]: Header<K> }[KindName];

export interface Statement {
  readonly envelope: Envelope;
  readonly header: AnyHeader;
}

/** Narrows by kind. */
export function isA<K extends KindName>(
  header: AnyHeader,
  kind: K,
): header is Extract<AnyHeader, { kind: K }> {
  return header.kind === kind;
}

export function refOf(header: AnyHeader): StatementRef {
  return { party: header.party, id: header.id };
}

export function handlingOf(header: AnyHeader): Handling | undefined {
  return isA(header, 'share/1') ? header.body.handling : undefined;
}

/** The statements that the body names: what it is about, what it answers, what it rests on; and where they stand in it. */
export function refsIn({ body }: AnyHeader): { readonly at: string; readonly ref: StatementRef }[] {
  return Object.entries(body).flatMap(([name, value]: [string, unknown]) => {
    const list = Array.isArray(value) ? value.map((each, i) => [`/body/${name}/${i}`, each]) : [];
    return [[`/body/${name}`, value], ...list].flatMap(([at, each]) => {
      const ref = statementRef.safeParse(each);
      return ref.success ? [{ at: String(at), ref: ref.data }] : [];
    });
  });
}

/** The parts whose bytes stand apart, the last of all. */
export function filesOf(header: AnyHeader): readonly FileEntry[] {
  return isA(header, 'share/1') ? (header.body.files ?? []) : [];
}

/** What the header says of a part that is a file; null: it is none. */
export function fileAt(header: AnyHeader, n: number): FileEntry | null {
  return filesOf(header).find((file) => file.n === n) ?? null;
}

/**
 * Shape of envelope and header; neither the signature nor the parts.
 * @throws dsse.*, header.too-large, json.*, kind.unknown, header.malformed, header.room, dsse.keyid, handling.contradiction
 */
export function parseStatement(value: Json): Statement {
  const envelope = parseEnvelope(value, statementType);
  if (envelope.payload.length > maxHeaderBytes)
    throw new Refusal('header.too-large', {
      params: { limit: maxHeaderBytes, size: envelope.payload.length },
    });
  const header = checkHeader(parseCanonicalJson(envelope.payload, '/payload'));
  // DSSE's keyid is only a hint; here it must be the device that the signed header names.
  if (envelope.keyid !== header.device) throw new Refusal('dsse.keyid', { at: '/signatures/0/keyid' });
  return { envelope, header };
}

function checkHeader(value: Json): AnyHeader {
  const { kind, body, ...rest } = parseBy(common, value, '');
  if (!isKind(kind)) throw new Refusal('kind.unknown', { at: '/kind', detail: kind });
  if (kinds[kind].room !== (rest.room !== undefined))
    throw new Refusal('header.room', {
      at: '/room',
      detail: kinds[kind].room ? 'this kind names a room' : 'this kind names no room',
    });
  const header = {
    ...rest,
    kind,
    body: parseBy<unknown>(kinds[kind].body as z.ZodType, body, '/body'),
  } as AnyHeader;
  const handling = handlingOf(header);
  if (handling) checkHandling(handling);
  if (isA(header, 'centre.succeed/1')) checkLogNames(header.centre, header.body);
  const last = filesOf(header).at(-1);
  if (last && last.n !== (header.parts?.count ?? 0) - 1)
    throw new Refusal('header.malformed', {
      at: '/body/files',
      detail: 'files are the last of the parts',
    });
  return header;
}

function parseBy<T>(schema: z.ZodType<T>, value: unknown, at: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Refusal('header.malformed', {
    at: [at, ...(issue?.path ?? [])].join('/') || '/',
    detail: issue?.message ?? '',
  });
}

/** What a device signs. */
export function signedBytes(payload: Uint8Array): Bytes {
  return preAuthEncoding(statementType, payload);
}

export interface Signer {
  readonly device: DeviceId;
  /** 32 bytes. */
  readonly publicKey: Bytes;
  /** 64 bytes of Ed25519 over the message. */
  readonly sign: (message: Bytes) => Promise<Bytes>;
}

/** The JSON of a DSSE envelope. */
export interface EnvelopeJson {
  payload: string;
  payloadType: string;
  signatures: [{ keyid: string; sig: string }];
}

export async function signPayload(
  payloadType: string,
  value: unknown,
  signer: Signer,
): Promise<EnvelopeJson> {
  const payload = utf8(JSON.stringify(value));
  const sig = await signer.sign(preAuthEncoding(payloadType, payload));
  return { payload: base64(payload), payloadType, signatures: [{ keyid: signer.device, sig: base64(sig) }] };
}

export function signHeader(header: AnyHeader, signer: Signer): Promise<EnvelopeJson> {
  return signPayload(statementType, header, signer);
}

export function envelopeJson(envelope: Envelope): EnvelopeJson {
  const { payload, payloadType, keyid, signature } = envelope;
  return { payload: base64(payload), payloadType, signatures: [{ keyid, sig: base64(signature) }] };
}

/**
 * The id of the room that a `room.open` statement opens: a UUID of the random form, as TAXII 2.1 (5.1.1) asks of a
 * collection, made from the statement's identity, so that no party can take another's.
 */
export function roomId(ref: StatementRef): string {
  return uuidFrom(utf8(`parley/room/v1\n${ref.party}\n${ref.id}`));
}

/** A UUID of version 4's form from a hash. The centre makes the ids of its own statements so: said twice, it is one. */
export function uuidFrom(bytes: Uint8Array): string {
  const digest = sha256(bytes);
  digest[6] = ((digest[6] as number) & 0x0f) | 0x40;
  digest[8] = ((digest[8] as number) & 0x3f) | 0x80;
  const text = Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
