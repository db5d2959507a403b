/**
 * Writes `vectors/` from fixed seeds: `node tools/make-vectors.ts`. The files are committed, because other programs
 * read them; `make-vectors.test.ts` says when they and this differ. `vectors/log/` is made by hand.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { areas } from './vectors/areas.ts';
import type { Example } from './vectors/cast.ts';
import { chains, codes, consents, keys, speakers } from './vectors/chain.ts';
import { handlingCodeExamples } from './vectors/codes.ts';
import { connectorChains, connectorSpeakers } from './vectors/connectors.ts';
import { fileLeaves, fileLines, fileShares, uploads } from './vectors/files.ts';
import { handlings, terms } from './vectors/handling.ts';
import { headerTexts, partTexts } from './vectors/json.ts';
import { kindExamples } from './vectors/kinds.ts';
import { levelExamples, stixLevels } from './vectors/levels.ts';
import { markings } from './vectors/markings.ts';
import { leaves, lines, notJson, objects, trees } from './vectors/parts.ts';
import { commitments, receipts } from './vectors/receipt.ts';
import { recoveries, recoverySpeakers } from './vectors/recovery.ts';
import { recoveryCodes } from './vectors/recovery-codes.ts';
import { encodings, statements } from './vectors/statements.ts';

/** By path below `vectors/`. */
export const vectorFiles: Readonly<Record<string, readonly Example[]>> = {
  'json/parts.json': partTexts,
  'json/headers.json': headerTexts,
  'statements/encodings.json': encodings,
  'statements/statements.json': statements,
  'handling/handlings.json': handlings,
  'handling/markings.json': markings,
  'handling/terms.json': terms,
  'handling/codes.json': handlingCodeExamples,
  'area/areas.json': areas,
  'levels/levels.json': levelExamples,
  'levels/stix.json': stixLevels,
  'files/lines.json': fileLines,
  'files/leaves.json': fileLeaves,
  'files/shares.json': fileShares,
  'files/uploads.json': uploads,
  'parts/lines.json': lines,
  'parts/leaves.json': leaves,
  'parts/trees.json': trees,
  'parts/objects.json': objects,
  'parts/not-json.json': notJson,
  'chain/chains.json': [...chains, ...connectorChains, ...recoveries],
  'chain/speakers.json': [...speakers, ...connectorSpeakers, ...recoverySpeakers],
  'chain/keys.json': keys,
  'chain/codes.json': codes,
  'chain/consents.json': consents,
  'chain/recovery-codes.json': recoveryCodes,
  'receipt/receipts.json': receipts,
  'receipt/commitments.json': commitments,
  ...Object.fromEntries(
    Object.entries(kindExamples).map(([kind, list]) => [`kinds/${kind.replace('/1', '')}.json`, list]),
  ),
};

/** One example a line, so that a change shows in the line of its example. */
export function vectorText(examples: readonly Example[]): string {
  return `[\n${examples.map((example) => JSON.stringify(example)).join(',\n')}\n]\n`;
}

if (import.meta.main) {
  for (const [path, examples] of Object.entries(vectorFiles)) {
    const file = new URL(`../vectors/${path}`, import.meta.url);
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, vectorText(examples));
  }
}
