/**
 * What a device said, kept by it beside its receipts: after a loss at the centre it can say the same again. Content
 * stays there as long as the keeper lets it, and no longer than the party has not taken it back.
 */
import type { Bytes } from '@parley/core/bytes.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { isA } from '@parley/core/statement.ts';

/** As it was sent. The same bytes again are the same statement. */
export interface SentLines {
  /** The envelope, then a line for each part. */
  readonly lines: Bytes;
  /** The bytes of those parts that are files. */
  readonly files: ReadonlyMap<number, Blob>;
}

export interface Keeper {
  /** It was taken: that it cannot be kept is not the statement's failure, so this tells whoever should know, and throws nothing. */
  keep(origin: string, receipt: Receipt, sent: SentLines): Promise<void>;
  /** Taken back from all: its content must not stay here, either. */
  forget(ref: StatementRef): Promise<void>;
}

export async function keepSent(
  keeper: Keeper | null,
  origin: string,
  receipt: Receipt,
  sent: SentLines,
): Promise<void> {
  if (!keeper) return;
  const { header } = receipt.statement;
  if (isA(header, 'recall/1') && header.body.from === undefined) await keeper.forget(header.body.target);
  await keeper.keep(origin, receipt, sent);
}
