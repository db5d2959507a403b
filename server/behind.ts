/** An old backup must never speak for the log: what else knows of it is asked at start, before anything is said. */
import { readFileSync } from 'node:fs';
import { utf8 } from '@parley/core/bytes.ts';
import { openCheckpoint, type Trust } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import { verifyConsistency } from '@parley/core/merkle.ts';
import type { Head, LogReader } from './log/ports.ts';
import { consistencyProofAt } from './log/proofs.ts';
import type { Witnessing } from './log/witnessing.ts';

/**
 * @param path this machine's memory of what it signed last
 * @throws store.behind where the store holds less, or another history
 */
export async function refuseOlder(path: string, log: LogReader, trust: Trust): Promise<void> {
  let note: string;
  try {
    note = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new Refusal('file.unreadable', { at: path, cause });
    return; // Nothing was signed here yet, or the memory went with the machine: then the witnesses are asked.
  }
  const { checkpoint } = await openCheckpoint(utf8(note), trust);
  const head = await log.head();
  const held = head?.size ?? 0;
  if (head && held >= checkpoint.size && (await continues(log, checkpoint, head))) return;
  const detail =
    held < checkpoint.size
      ? `this machine has signed a checkpoint of ${checkpoint.size} records, the store holds ${held}`
      : `this machine has signed another history of the first ${checkpoint.size} records`;
  throw new Refusal('store.behind', { detail, params: { signed: checkpoint.size, held } });
}

type Signed = Pick<Head, 'size' | 'root'>;

async function continues(log: LogReader, old: Signed, head: Signed): Promise<boolean> {
  try {
    const proof = await consistencyProofAt(log, old.size, head.size);
    verifyConsistency(old.size, old.root, head.size, head.root, proof);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'proof.consistency') return false;
    throw error;
  }
}

/** @throws store.behind where a witness has cosigned more than the store holds, witness.conflict where it has cosigned something else */
export async function refuseOutrun(witnessing: Witnessing, size: number): Promise<void> {
  for (const known of await witnessing.knownSizes())
    if (known.size !== null && known.size > size)
      throw new Refusal('store.behind', {
        detail: `the witness ${known.witness} has cosigned ${known.size} records, the store holds ${size}`,
        params: { signed: known.size, held: size },
      });
}
