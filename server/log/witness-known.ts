/** What witnesses have cosigned last of a log, asked without moving them and without the log's own key. */
import { createHash } from 'node:crypto';
import { utf8 } from '@parley/core/bytes.ts';
import { openCheckpoint } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Policy } from '@parley/core/policy.ts';
import { type KeptLog, trustOf } from './logs.ts';
import type { Head } from './ports.ts';
import { type AskedWitness, addCheckpoint, latestCheckpoint, type WitnessDoor } from './witness-client.ts';

export interface Witnessed {
  readonly witness: string;
  readonly size: number;
  /** The checkpoint, where it shows it (C2SP tlog-witness, Monitoring); null: it says its size alone. */
  readonly note: string | null;
}

export interface AskedAll {
  readonly known: readonly Witnessed[];
  /** Those that did not answer, and why. */
  readonly silent: readonly { readonly witness: string; readonly cause: unknown }[];
}

/** @throws witness.conflict where one has cosigned another history than the head's */
export async function witnessedOf(
  policy: Policy,
  log: KeptLog,
  head: Head,
  door: Pick<WitnessDoor, 'fetch' | 'timeout'> = { fetch, timeout: 5_000 },
): Promise<AskedAll> {
  const whole = { ...door, signal: new AbortController().signal };
  const asked = policy.witnesses.filter((one): one is AskedWitness => one.url !== null);
  const answers = await Promise.all(
    asked.map(async (witness) => {
      try {
        return { known: await askedOne(witness, log, head, whole) };
      } catch (cause) {
        if (cause instanceof Refusal && cause.code === 'witness.conflict') throw cause;
        return { silent: { witness: witness.name, cause } };
      }
    }),
  );
  return {
    known: answers.flatMap(({ known }) => known ?? []),
    silent: answers.flatMap(({ silent }) => silent ?? []),
  };
}

/** Null: it does not know the log. */
async function askedOne(
  witness: AskedWitness,
  log: KeptLog,
  head: Head,
  door: WitnessDoor,
): Promise<Witnessed | null> {
  const note = utf8(head.checkpoint);
  const reply = await addCheckpoint(witness, { old: head.size, proof: [], note }, door);
  if (reply.kind === 'refused') return null;
  const size = reply.kind === 'knows' ? reply.size : head.size;
  return {
    witness: witness.name,
    size,
    note: size > head.size ? await shownBy(witness, log, size, door) : null,
  };
}

/** Not every witness shows it, and what one shows is believed only where the log has signed it. */
async function shownBy(
  witness: AskedWitness,
  log: KeptLog,
  size: number,
  door: WitnessDoor,
): Promise<string | null> {
  const digest = createHash('sha256').update(log.origin).digest('hex');
  try {
    const note = await latestCheckpoint(witness, digest, door);
    const { checkpoint } = await openCheckpoint(utf8(note), trustOf(log));
    return checkpoint.size >= size ? note : null;
  } catch {
    return null;
  }
}
