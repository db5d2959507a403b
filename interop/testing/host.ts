/**
 * A host that lies: it has every key of the centre, and rewrites its log as well as anybody can who has them. Tiles,
 * checkpoint and projections are made anew from what it wants to have been said.
 */
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { concat } from '@parley/core/bytes.ts';
import { type Part, partLeaf, partNumber } from '@parley/core/parts.ts';
import { commitment, recordLeaf } from '@parley/core/record.ts';
import type { Statement } from '@parley/core/statement.ts';
import type { Tables } from '../../server/folds.ts';
import { loadLogKeys, signCheckpoint } from '../../server/log/keys.ts';
import type { StoredRecord } from '../../server/log/ports.ts';
import { Tree } from '../../server/log/tree.ts';
import { pathsIn } from '../../server/paths.ts';
import { createLog, openLog } from '../../server/place.ts';
import { random } from '../../server/testing/actor.ts';
import {
  copyJournals,
  filesIn,
  forgetDatabase,
  located,
  newLocated,
  placeOf,
  putFileIn,
  readFileIn,
} from '../../server/testing/located.ts';
import { World } from '../../server/testing/world.ts';

/** A record as the host holds it. Its index follows from its place. */
export interface Held extends StoredRecord {
  readonly parts: readonly Part[];
}

/** What the host adds to a history: never through the front door. */
export function forged(
  statement: Statement,
  parts: readonly Part[],
  about: { readonly instant: number; readonly span?: number },
): Held {
  const { instant, span = Math.max(1, parts.length) } = about;
  const leaves = concat(...parts.map(partLeaf));
  return { ...statement, index: 0, instant, span, nonce: random(32), leaves, parts };
}

/** The first instant after a history. */
export function after(history: readonly Held[]): number {
  const last = history.at(-1);
  return last ? last.instant + last.span : 0;
}

/** A centre with the same keys, sessions and files, and another history. It starts as any other. */
export async function rewritten(
  world: World,
  change: (history: readonly Held[]) => readonly Held[],
): Promise<World> {
  const from = await world.copy();
  const made = await newLocated();
  for (const file of ['logKeys', 'centreKey'] as const)
    copyFileSync(pathsIn(from)[file], pathsIn(made.folder)[file]);
  await createLog(placeOf(made.folder));
  await copyJournals(located(from), made);
  for (const name of await filesIn(from)) await putFileIn(made.folder, name, await readFileIn(from, name));
  const checkpoint = await write(made.folder, change(await historyIn(from)));
  // Its own memory is the first thing that such a host takes care of.
  writeFileSync(pathsIn(made.folder).checkpoint, checkpoint);
  await forgetDatabase(from);
  rmSync(from, { recursive: true });
  return World.on(made.folder);
}

async function historyIn(folder: string): Promise<Held[]> {
  const store = await openLog<Tables>(placeOf(folder), { readOnly: true });
  try {
    return await store.snapshot(async ({ log }) => {
      const records = await log.range(0, (await log.head())?.size ?? 0);
      const held: Held[] = [];
      for (const record of records) {
        const numbers = Array.from({ length: record.leaves.length / 32 }, (_, n) =>
          partNumber(record.index, n),
        );
        held.push({ ...record, parts: [...(await log.parts(numbers)).values()] });
      }
      return held;
    });
  } finally {
    await store.close();
  }
}

/** @returns the checkpoint, signed by the log's own keys */
async function write(folder: string, history: readonly Held[]): Promise<string> {
  const keys = loadLogKeys(pathsIn(folder).logKeys);
  const store = await openLog<Tables>(placeOf(folder));
  try {
    return await store.commit(async ({ log }) => {
      const leaves = [];
      for (const [index, { parts, ...record }] of history.entries()) {
        const entry = commitment({ ...record, index }, record.envelope);
        await log.append({ ...record, index }, entry, parts);
        leaves.push(recordLeaf(entry));
      }
      const { tree, tiles } = Tree.empty.grow(leaves);
      for (const { level, index, data } of tiles) await log.putTile(level, index, data);
      const { size, root } = tree;
      const origin = `${history[0]?.header.centre}/log/1`;
      const checkpoint = await signCheckpoint(keys, { origin, size, root }, Math.floor(Date.now() / 1000));
      await log.advance(0, { size, root, instant: after(history), checkpoint });
      return checkpoint;
    });
  } finally {
    await store.close();
  }
}
