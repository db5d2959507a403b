/** A viewer's line to a centre: how it asks, and what the answers are checked against. */
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import type { PartyId } from '@parley/core/keys.ts';
import { parseProof } from '@parley/core/proof.ts';
import { parseReceipt, type Receipt, verifyReceipt } from '@parley/core/receipt.ts';
import type { AnyHeader } from '@parley/core/statement.ts';
import type { z } from 'zod';
import type { Evidence } from './answer.ts';
import type { Keeper } from './keeping.ts';
import { type Call, readBytes, readJson, type Transport } from './transport.ts';

export const api = 'api/v1';

export interface Connection extends Evidence {
  readonly transport: Transport;
  /** The centre's own party. */
  readonly centreParty: PartyId;
  /** Keeps a receipt for what was said here, where somebody keeps them. */
  readonly keep: (receipt: Receipt) => Promise<void>;
  /** Of what is said here; null: nothing is kept. */
  readonly keeper: Keeper | null;
  /** Of the session now, or null: the public. */
  readonly token: () => string | null;
}

export function ask(connection: Connection, path: string, call: Call = {}): Promise<Response> {
  return connection.transport.open(`${api}/${path}`, { token: connection.token(), ...call });
}

export async function askJson<T>(
  connection: Connection,
  path: string,
  shape: z.ZodType<T>,
  call: Call = {},
): Promise<T> {
  return readJson(await ask(connection, path, call), shape);
}

export function pathOf({ party, id }: StatementRef): string {
  return `statements/${encodeURIComponent(party)}/${encodeURIComponent(id)}`;
}

export function needSame(header: AnyHeader, { party, id }: StatementRef): void {
  if (header.party !== party || header.id !== id)
    throw new Refusal('read.unproven', { detail: 'another statement' });
}

export async function fetchReceipt(connection: Connection, ref: StatementRef): Promise<Receipt> {
  const receipt = await proveReceipt(
    connection,
    await readBytes(await ask(connection, `${pathOf(ref)}/receipt`)),
    ref.party,
  );
  needSame(receipt.statement.header, ref);
  return receipt;
}

/** A receipt is proven by itself, and its checkpoint belongs to the history that this device knows. */
export async function proveReceipt(
  { centre, log }: Evidence,
  bytes: Bytes,
  party: PartyId,
): Promise<Receipt> {
  const receipt = parseReceipt(bytes);
  if (receipt.statement.header.centre !== centre)
    throw new Refusal('read.unproven', { detail: 'a receipt of another centre' });
  const { checkpoint } = await verifyReceipt(receipt, log.trust, party);
  await log.agrees(checkpoint, parseProof(receipt.proof).checkpoint);
  return receipt;
}
