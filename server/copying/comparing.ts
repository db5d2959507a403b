/** Whether one store is a beginning of another: what a copy must be sure of before it writes anything. */
import { equal } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { verifyConsistency } from '@parley/core/merkle.ts';
import { logsIn } from '../log/logs.ts';
import type { LogReader } from '../log/ports.ts';
import { consistencyProofAt } from '../log/proofs.ts';

const atOnce = 4_096;

export function goneBack(copied: number, held: number, what = 'records'): Refusal {
  return new Refusal('store.behind', {
    detail: `the copy has ${copied} ${what}, what it is made from holds ${held}: nothing is taken from an older store`,
    params: { signed: copied, held },
  });
}

export function twoHistories(what: string): Refusal {
  return new Refusal('proof.consistency', {
    detail: `${what} are not those of the copy: this log shows two histories`,
  });
}

/** @param held records of the target, with or without a head @throws store.behind, proof.consistency */
export async function refuseOtherLog(source: LogReader, target: LogReader, held: number): Promise<void> {
  const [head, known] = [await source.head(), await target.head()];
  const size = head?.size ?? 0;
  if (held > 0 && size > 0) {
    await refuseOtherCentre(source, target);
    await refuseLogBefore(source, target, held);
  }
  if (held > size) throw goneBack(held, size);
  if (known && head) await refuseOtherTree(source, target, known, head);
  // Beyond its head, a copy that broke off holds what nobody has signed yet: it is verified at its end.
  const [mine] = held > 0 ? await target.commitments(held - 1, held) : [];
  const [theirs] = held > 0 ? await source.commitments(held - 1, held) : [];
  if (mine && !(theirs && equal(mine, theirs))) throw await differing(source, target, held);
}

/** Nobody lied: somebody has named the wrong place. @throws store.present */
async function refuseOtherCentre(source: LogReader, target: LogReader): Promise<void> {
  if (await sameRecord(source, target, 0)) return;
  const [[ours], [theirs]] = [await source.range(0, 1), await target.range(0, 1)];
  const [here, there] = [ours?.header.centre ?? 'this one', theirs?.header.centre ?? 'of no name'];
  const other = here === there ? `another centre that is called ${there}, too,` : `another centre, ${there},`;
  throw new Refusal('store.present', {
    detail: `${other} is in the place where the copy of ${here} shall go: name an empty one`,
  });
}

/** After a loss the log goes on from less than the copy holds. @throws store.behind */
async function refuseLogBefore(source: LogReader, target: LogReader, held: number): Promise<void> {
  const logs = await logsIn(source);
  for (const [i, { origin, from }] of logs.entries()) {
    if (i === 0 || from >= held || (await sameRecord(source, target, from))) continue;
    throw new Refusal('store.behind', {
      detail: `the copy has ${held} records of ${logs[i - 1]?.origin}, and ${origin} goes on from record ${from}: look first whether the copy holds what is said to be lost; then begin anew with an empty folder or database`,
      params: { signed: held, held: from },
    });
  }
}

async function sameRecord(source: LogReader, target: LogReader, index: number): Promise<boolean> {
  const [[ours], [theirs]] = [
    await source.commitments(index, index + 1),
    await target.commitments(index, index + 1),
  ];
  return ours !== undefined && theirs !== undefined && equal(ours, theirs);
}

type Sized = { readonly size: number; readonly root: Uint8Array<ArrayBuffer> };

async function refuseOtherTree(source: LogReader, target: LogReader, old: Sized, now: Sized): Promise<void> {
  try {
    const proof = await consistencyProofAt(source, old.size, now.size);
    verifyConsistency(old.size, old.root, now.size, now.root, proof);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'proof.consistency')
      throw await differing(source, target, old.size);
    throw error;
  }
}

async function differing(source: LogReader, target: LogReader, size: number): Promise<Refusal> {
  for (let from = 0; from < size; from += atOnce) {
    const to = Math.min(from + atOnce, size);
    const [ours, theirs] = [await source.commitments(from, to), await target.commitments(from, to)];
    const i = ours.findIndex((entry, i) => !equal(entry, theirs[i] ?? new Uint8Array(0)));
    if (i >= 0) return twoHistories(`the records from ${from + i} on`);
  }
  return twoHistories(`the first ${size} records`);
}

/** How many records a log holds, also where its head does not count them yet. */
export async function heldBeyond(log: LogReader, size: number): Promise<number> {
  const has = async (index: number) => (await log.commitments(index, index + 1)).length === 1;
  let [known, step] = [size, 1];
  while (await has(known + step - 1)) {
    known += step;
    step *= 2;
  }
  for (; step >= 1; step /= 2) if (await has(known + step - 1)) known += step;
  return known;
}
