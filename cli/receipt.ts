/** Checking a receipt without a centre: with the log's keys and the fingerprint of the party, and nothing else. */
import { equal } from '@parley/core/bytes.ts';
import type { ChainDevice } from '@parley/core/chain.ts';
import { parseCheckpoint, type Trust } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import { textOf } from '@parley/core/fields.ts';
import { ed25519Type, parseNote, parseVkey, type Vkey } from '@parley/core/note.ts';
import { type Part, parsePart } from '@parley/core/parts.ts';
import { meets, type Policy, type Tally, trustIn } from '@parley/core/policy.ts';
import { parseProof } from '@parley/core/proof.ts';
import { type Receipt, type Verified, verifyPart, verifyReceipt } from '@parley/core/receipt.ts';

export interface ReceiptReport {
  readonly party: string;
  readonly id: string;
  readonly kind: string;
  readonly centre: string;
  readonly room: string | null;
  readonly device: string;
  /** How the key that signed it came into being, by the chain. */
  readonly from: ChainDevice['from'];
  /** When the speaker says that it spoke. */
  readonly said: string;
  /** When the centre says that it came. */
  readonly came: string;
  readonly index: number;
  readonly log: {
    readonly origin: string;
    readonly size: number;
    readonly signatures: readonly { readonly key: string; readonly result: string }[];
  };
  readonly witnesses: readonly { readonly name: string; readonly at: string }[];
  /** Null without a policy. */
  readonly policy: Tally | null;
  readonly parts: { readonly count: number; readonly proven: readonly number[] };
}

export interface Check {
  readonly party: string;
  readonly logKeys: readonly string[];
  readonly policy: Policy | null;
  /** Parts that somebody holds, by number. */
  readonly held: ReadonlyMap<number, Uint8Array<ArrayBuffer>>;
}

/** @throws what `verifyReceipt` and `meets` throw; parts.root for a part that is not what was said */
export async function checkReceipt(receipt: Receipt, check: Check): Promise<ReceiptReport> {
  const verified = await verifyReceipt(receipt, trustFor(receipt, check), check.party);
  for (const [n, bytes] of check.held) verifyHeld(receipt, n, bytes);
  const { policy } = check;
  const tally = policy === null ? null : meets(policy, verified.checkpoint.cosigned);
  return reportOf(receipt, verified, tally, [...verified.parts, ...check.held.keys()]);
}

/**
 * Keys given one by one are of one log. A policy may know several: the receipt says which of them it means, and
 * only that one's keys count.
 */
function trustFor(receipt: Receipt, { logKeys, policy }: Check): Trust {
  const keys = logKeys.map(parseVkey);
  const known = [...keys, ...(policy?.logs.map(({ vkey }) => vkey) ?? [])];
  const { origin } = parseCheckpoint(parseNote(parseProof(receipt.proof).checkpoint).text);
  const logs = known.filter(
    (key, i) => key.name === origin && known.findIndex((other) => sameKey(other, key)) === i,
  );
  const origins = [...new Set(known.map(({ name }) => name))];
  if (logs.length === 0)
    throw new Refusal('checkpoint.origin', {
      detail: `the receipt is of the log ${origin}, the keys are of ${origins.join(', ')}`,
    });
  return { origin, logs, witnesses: policy === null ? [] : trustIn(policy, origin).witnesses };
}

function sameKey(a: Vkey, b: Vkey): boolean {
  return a.name === b.name && a.keyId === b.keyId && equal(a.publicKey, b.publicKey);
}

/** As a line with its salt, `{"salt":…,"part":…}`; or the bytes alone where the receipt brings the salt. */
function verifyHeld(receipt: Receipt, n: number, file: Uint8Array<ArrayBuffer>): void {
  const shared = receipt.parts.get(n);
  if (shared?.file) {
    verifyPart(receipt.leaves, n, { salt: shared.salt, bytes: file });
    return;
  }
  const bytes = file.at(-1) === 0x0a ? file.slice(0, -1) : file;
  const salted = partLine(bytes, `--part ${n}`);
  if (salted) {
    verifyPart(receipt.leaves, n, salted);
    return;
  }
  const inside = receipt.parts.get(n);
  if (!inside)
    throw new Refusal('part.malformed', {
      at: `--part ${n}`,
      detail: 'the receipt does not hold the salt of this part: give it as {"salt":…,"part":…}',
    });
  if (!equal(inside.bytes, bytes))
    throw new Refusal('parts.root', { at: `--part ${n}`, detail: 'the file is not what was said' });
}

function partLine(bytes: Uint8Array<ArrayBuffer>, at: string): Part | null {
  try {
    return parsePart(bytes, at);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

function reportOf(
  { statement, leaves }: Receipt,
  { record, checkpoint, device }: Verified,
  policy: Tally | null,
  parts: readonly number[],
): ReceiptReport {
  const { header } = statement;
  return {
    party: header.party,
    id: header.id,
    kind: header.kind,
    centre: header.centre,
    room: header.room ?? null,
    device: header.device,
    from: device.from,
    said: header.at,
    came: textOf(record.instant),
    index: record.index,
    log: {
      origin: checkpoint.checkpoint.origin,
      size: checkpoint.checkpoint.size,
      signatures: checkpoint.log.map(({ key, result }) => ({
        key: key.type === ed25519Type ? 'Ed25519' : 'ML-DSA-44',
        result,
      })),
    },
    witnesses: checkpoint.cosigned.map(({ name, time }) => ({
      name,
      at: new Date(time * 1000).toISOString(),
    })),
    policy,
    parts: { count: leaves.length, proven: [...new Set(parts)].sort((a, b) => a - b) },
  };
}
