/** Receipts: what was released of a record, and its place in a tree that the log has signed. */
import { utf8 } from '@parley/core/bytes.ts';
import type { Hash } from '@parley/core/merkle.ts';
import { formatProof } from '@parley/core/proof.ts';
import { type ReceiptJson, receiptJson, splitLeaves } from '@parley/core/receipt.ts';
import type { ReceiptMatter } from '../release/receipts.ts';
import type { Released } from '../release/released.ts';
import type { OpenLog } from './context.ts';

/** Of a record in the tree of a checkpoint. */
export interface Place {
  readonly proof: readonly Hash[];
  /** The signed note. */
  readonly checkpoint: string;
}

export function receiptOf(matter: Released<ReceiptMatter>, { proof, checkpoint }: Place): ReceiptJson {
  const { record, chain } = matter.value;
  return receiptJson({
    statement: record,
    record,
    leaves: splitLeaves(record.leaves),
    parts: new Map(),
    proof: formatProof({ index: record.index, path: proof, checkpoint: utf8(checkpoint) }),
    chain: chain.links,
  });
}

/** In the newest tree that witnesses have cosigned, if it holds the record; else in the newest. */
export async function placeOf({ value }: Released<ReceiptMatter>, log: OpenLog): Promise<Place> {
  const { index } = value.record;
  const cosigned = await log.cosigned();
  const tree = cosigned && index < cosigned.size ? cosigned : await log.head();
  if (!tree) throw new Error('a record without a tree');
  return { proof: await log.inclusionProof(index, tree.size), checkpoint: tree.note };
}
