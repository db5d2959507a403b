/** A receipt: proves offline what was said, by whom, and where it stands in the log. Part by part. */
import { z } from 'zod';
import { type Bytes, base64, concat, equal, fromBase64 } from './bytes.ts';
import { type ChainDevice, founds, verifyBy, verifyChain } from './chain.ts';
import { type OpenedCheckpoint, openCheckpoint, type Trust } from './checkpoint.ts';
import { Refusal } from './errors.ts';
import { instantOf, partyId } from './fields.ts';
import { parseJson } from './json.ts';
import type { PartyId } from './keys.ts';
import { logNumber } from './log-names.ts';
import { type Hash, rootOf, verifyInclusion } from './merkle.ts';
import { filePart, type Part, partLeaf } from './parts.ts';
import { parseProof } from './proof.ts';
import { commitment, parseRecord, type RecordFields, recordLeaf } from './record.ts';
import {
  type AnyHeader,
  type EnvelopeJson,
  envelopeJson,
  parseStatement,
  type Statement,
} from './statement.ts';

const envelope = z.strictObject({
  payload: z.string(),
  payloadType: z.string(),
  signatures: z.tuple([z.strictObject({ keyid: z.string(), sig: z.string() })]),
});

export const receiptSchema = z.strictObject({
  format: z.literal('parley-receipt/1'),
  statement: envelope,
  record: z.strictObject({ index: z.int(), instant: z.int(), span: z.int(), nonce: z.string() }),
  /** Base64 of the leaf hashes of the parts, 32 bytes each, in order. */
  leaves: z.string(),
  /** Parts that came along, whole; others may have been taken back, or left out to show a single one. */
  /** `bytes` left out: a file, which lies beside the receipt and is proven with this salt. */
  parts: z.array(z.strictObject({ n: z.int(), salt: z.string(), bytes: z.string().optional() })).optional(),
  /** C2SP tlog-proof, with the checkpoint. */
  proof: z.string(),
  /** The founding and what leads down to the device that spoke, in the order of the log (spec/keys.md). */
  chain: z.array(envelope),
});
export type ReceiptJson = z.infer<typeof receiptSchema>;

export interface Receipt {
  readonly statement: Statement;
  readonly record: RecordFields;
  readonly leaves: readonly Hash[];
  readonly parts: ReadonlyMap<number, Part>;
  readonly proof: string;
  readonly chain: readonly Statement[];
}

/** @throws receipt.malformed, json.*, dsse.*, header.malformed */
export function parseReceipt(bytes: Uint8Array): Receipt {
  const result = receiptSchema.safeParse(parseJson(bytes));
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new Refusal('receipt.malformed', {
      at: `/${issue?.path.join('/') ?? ''}`,
      detail: issue?.message ?? '',
    });
  }
  const { statement, record, leaves, parts = [], proof, chain } = result.data;
  if (new Set(parts.map(({ n }) => n)).size !== parts.length)
    throw new Refusal('receipt.malformed', { at: '/parts', detail: 'a part is there twice' });
  const hashes = parseLeaves(leaves);
  return {
    statement: parseStatement(statement),
    record: parseRecord(record),
    leaves: hashes,
    parts: new Map(parts.map((part, i) => [part.n, partFrom(part, hashes, `/parts/${i}`)])),
    proof,
    chain: chain.map((link) => parseStatement(link)),
  };
}

function partFrom(
  { n, salt, bytes }: { readonly n: number; readonly salt: string; readonly bytes?: string | undefined },
  leaves: readonly Hash[],
  at: string,
): Part {
  if (bytes !== undefined) return { salt: piece(salt, `${at}/salt`), bytes: piece(bytes, `${at}/bytes`) };
  const leaf = leaves[n];
  if (!leaf) throw new Refusal('receipt.malformed', { at: `${at}/n`, detail: 'no such part' });
  return filePart(piece(salt, `${at}/salt`), leaf);
}

function piece(text: string, at: string): Bytes {
  const bytes = fromBase64(text);
  if (!bytes) throw new Refusal('receipt.malformed', { at, detail: 'not base64' });
  return bytes;
}

/** 32-byte leaf hashes from their base64. @throws receipt.malformed */
export function parseLeaves(text: string): Hash[] {
  const bytes = piece(text, '/leaves');
  if (bytes.length % 32 !== 0) throw new Refusal('receipt.malformed', { at: '/leaves' });
  return splitLeaves(bytes);
}

/** Leaf hashes that stand one after another, 32 bytes each. */
export function splitLeaves(bytes: Bytes): Hash[] {
  return Array.from({ length: bytes.length / 32 }, (_, i) => bytes.slice(32 * i, 32 * i + 32));
}

export function receiptJson(receipt: Receipt): ReceiptJson {
  const { index, instant, span, nonce } = receipt.record;
  const parts = [...receipt.parts]
    // Of a file whose salt is not known, a receipt has nothing to tell.
    .filter(([, { file, salt }]) => file === undefined || salt.length > 0)
    .map(([n, { file, salt, bytes }]) => ({
      n,
      salt: base64(salt),
      ...(file ? {} : { bytes: base64(bytes) }),
    }));
  const link = (statement: Statement): EnvelopeJson => envelopeJson(statement.envelope);
  return {
    format: 'parley-receipt/1',
    statement: link(receipt.statement),
    record: { index, instant, span, nonce: base64(nonce) },
    leaves: base64(concat(...receipt.leaves)),
    ...(parts.length > 0 ? { parts } : {}),
    proof: receipt.proof,
    chain: receipt.chain.map(link),
  };
}

export interface Verified {
  readonly header: AnyHeader;
  readonly record: RecordFields;
  readonly device: ChainDevice;
  readonly checkpoint: OpenedCheckpoint;
  /** Numbers of the parts that came along and are what was said. Files are not among them: their bytes did not. */
  readonly parts: readonly number[];
}

/**
 * Checks a receipt offline, in the order of the protocol.
 * @param party the fingerprint that was compared out of band
 * @throws what the steps throw: chain.*, signature.invalid, parts.root, note.*, checkpoint.*, proof.*, receipt.*
 */
export async function verifyReceipt(receipt: Receipt, trust: Trust, party: PartyId): Promise<Verified> {
  const { statement, record } = receipt;
  if (!partyId.safeParse(party).success || statement.header.party !== party)
    throw new Refusal('receipt.party', { detail: `the statement is of ${statement.header.party}` });
  const device = await verifySpeaker(statement, receipt.chain);
  if (device.ends !== null && record.instant >= instantOf(device.ends))
    throw new Refusal('chain.broken', { detail: 'the end of the device had come' });
  verifyLeaves(statement.header, receipt.leaves);
  const whole = [...receipt.parts].filter(([, { file }]) => file === undefined);
  for (const [n, part] of whole) verifyPart(receipt.leaves, n, part);
  const { index, path, checkpoint: note } = parseProof(receipt.proof);
  const checkpoint = await openCheckpoint(note, trust);
  if (logNumber(statement.header.centre, checkpoint.checkpoint.origin) === null)
    throw new Refusal('checkpoint.origin', {
      detail: `the statement was said at ${statement.header.centre}`,
    });
  if (index !== record.index)
    throw new Refusal('receipt.commitment', { detail: 'the proof is of another record' });
  const leaf = recordLeaf(commitment(record, statement.envelope));
  verifyInclusion(leaf, index, checkpoint.checkpoint.size, path, checkpoint.checkpoint.root);
  return { header: statement.header, record, device, checkpoint, parts: whole.map(([n]) => n) };
}

/** The speaker's device, by the chain to the party's first key. A key statement is its own last link. */
async function verifySpeaker(statement: Statement, chain: readonly Statement[]): Promise<ChainDevice> {
  const links = founds(statement.header) ? [statement] : chain;
  if (links[0]?.header.centre !== statement.header.centre)
    throw new Refusal('chain.broken', { at: '/chain/0', detail: 'the chain is of another centre' });
  const devices = await verifyChain(statement.header.party, links);
  const device = devices.get(statement.header.device);
  await verifyBy(device, statement);
  return device as ChainDevice;
}

/** The leaf hashes lead to the root in the signed header. @throws parts.root, parts.count */
export function verifyLeaves(header: AnyHeader, leaves: readonly Hash[]): void {
  const declared = header.parts;
  if ((declared?.count ?? 0) !== leaves.length)
    throw new Refusal('parts.count', { params: { received: leaves.length } });
  if (declared && base64(rootOf(leaves)) !== declared.root) throw new Refusal('parts.root');
}

/** One part is what was said under that number. @throws parts.root */
export function verifyPart(leaves: readonly Hash[], n: number, part: Part): void {
  const leaf = leaves[n];
  if (!leaf || !equal(partLeaf(part), leaf)) throw new Refusal('parts.root', { at: `/parts/${n}` });
}
