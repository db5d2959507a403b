/** Receipts: what was released of a record, and its place in a tree that the log has signed. */
import { type Bytes, concat, utf8 } from '@parley/core/bytes.ts';
import type { Hash } from '@parley/core/merkle.ts';
import { proofHead } from '@parley/core/proof.ts';
import { receiptJson, splitLeaves } from '@parley/core/receipt.ts';
import { envelopeJson } from '@parley/core/statement.ts';
import type { ReceiptMatter } from '../release/receipts.ts';
import type { Released } from '../release/released.ts';
import type { RecordFacts } from '../release/sources.ts';
import type { OpenLog } from './context.ts';
import { type Answer, jsonType } from './route.ts';

/** Of a record in the tree of a checkpoint. */
export interface Place {
  readonly proof: readonly Hash[];
  /** The signed note. */
  readonly checkpoint: string;
}

/** How a receipt ends where its proof and its chain are not put in yet. */
const open = '"proof":"","chain":[]}';

/**
 * Put together from bytes. A note is not ASCII: as one text with it, all of the answer would take twice the room, and
 * every statement that is taken has one. What many receipts have in common is spelt once.
 */
export function answerReceipt(
  { value: { record, chain } }: Released<ReceiptMatter>,
  { proof, checkpoint }: Place,
  status = 200,
): Answer {
  const leaves = splitLeaves(record.leaves);
  const bare = { statement: record, record, leaves, parts: new Map(), proof: '', chain: [] };
  const text = JSON.stringify(receiptJson(bare));
  if (!text.endsWith(open)) throw new Error('a receipt in another order');
  const path = quoted(proofHead({ index: record.index, path: proof }));
  const head = utf8(`${text.slice(0, -open.length)}"proof":"${path}`);
  const body = concat(head, noteBytes(checkpoint), utf8(`","chain":[${chain.links.map(linkText)}]}`));
  return { status, type: jsonType, body };
}

/** As within a JSON string. */
function quoted(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

let last: { readonly note: string; readonly bytes: Bytes } | null = null;

/** One for all statements of a batch. */
function noteBytes(note: string): Bytes {
  if (last?.note !== note) last = { note, bytes: utf8(quoted(note)) };
  return last.bytes;
}

const links = new WeakMap<RecordFacts, string>();

function linkText(record: RecordFacts): string {
  const known = links.get(record) ?? JSON.stringify(envelopeJson(record.envelope));
  links.set(record, known);
  return known;
}

/** In the newest tree that witnesses have cosigned, if it holds the record; else in the newest. */
export async function placeOf({ value }: Released<ReceiptMatter>, log: OpenLog): Promise<Place> {
  const { index } = value.record;
  const cosigned = await log.cosigned();
  const tree = cosigned && index < cosigned.size ? cosigned : await log.head();
  if (!tree) throw new Error('a record without a tree');
  return { proof: await log.inclusionProof(index, tree.size), checkpoint: tree.note };
}
