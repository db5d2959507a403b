/** What a receipt is made of, for who may see the header. The proof, which anyone may have, is added by the log. */
import type { StatementRef } from '@parley/core/fields.ts';
import { type Links, linksOf } from './chains.ts';
import { evidenceOn } from './content.ts';
import { type Released, released } from './released.ts';
import type { RecordFacts, Sources } from './sources.ts';
import { look, type Viewer } from './viewer.ts';

export interface ReceiptMatter {
  readonly record: RecordFacts;
  readonly chain: Links;
}

/** @throws absent */
export async function releaseReceipt(
  viewer: Viewer,
  ref: StatementRef,
  sources: Sources,
): Promise<Released<ReceiptMatter>> {
  const { record } = await evidenceOn(await look(viewer, sources), ref);
  return released({ record, chain: await linksOf(record, sources) });
}

/** What was just admitted, for whoever sent it: the signature on it let it in, and there may be no session yet. */
export async function releaseAdmitted(
  record: RecordFacts,
  links: (record: RecordFacts) => Promise<Links>,
): Promise<Released<ReceiptMatter>> {
  return released({ record, chain: await links(record) });
}
