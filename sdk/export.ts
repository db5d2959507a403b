/** Everything that a party may see, with its proofs, so that it can leave and still show who said what, and when. */
import { Refusal } from '@parley/core/errors.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { refOf } from '@parley/core/statement.ts';
import { ahead } from './ahead.ts';
import type { ReadStatement, Session } from './session.ts';

export interface ExportOptions {
  /** Read for one after another; those that the party cannot state are passed over. */
  readonly purposes: readonly string[];
  /** Opens personal data for every purpose, and is recorded. Without one, the session must have none either. */
  readonly justification?: string;
  readonly onProgress?: (statements: number) => void;
}

export interface Exported {
  /** With the parts that were open; it verifies offline. */
  readonly receipt: Receipt;
  /** The purpose it was read for. */
  readonly purpose: string;
}

const inFlight = 4;

/**
 * A statement comes again for a later purpose only where that opens more of its parts. What is read is an access, and
 * recorded as one.
 * @throws command.usage where the session has a justification that was given for its own purpose alone; read.unproven and whatever a reader throws
 */
export async function* exportStatements(session: Session, options: ExportOptions): AsyncGenerator<Exported> {
  const { justification, purposes, onProgress = () => {} } = options;
  if (justification === undefined && session.current.justified)
    throw new Refusal('command.usage', {
      detail: 'the session has a justification for one purpose: open one without, or give one for the export',
    });
  const had = new Map<string, ReadonlySet<number>>();
  for (const purpose of purposes) {
    if (!(await stepTo(session, purpose, justification))) continue;
    const take = (read: ReadStatement) => withParts(session, read, had.get(keyOf(read)));
    for await (const receipt of ahead(session.statements(), inFlight, take)) {
      if (!receipt) continue;
      const key = keyOf(receipt);
      had.set(key, new Set([...(had.get(key) ?? []), ...receipt.parts.keys()]));
      onProgress(had.size);
      yield { receipt, purpose };
    }
  }
}

/** @returns false where the party cannot state the purpose */
async function stepTo(
  session: Session,
  purpose: string,
  justification: string | undefined,
): Promise<boolean> {
  const needed = {
    ...(session.current.purpose === purpose ? {} : { purpose }),
    // Also over one that the session has: it is this one that must stand beside each reading.
    ...(justification === undefined ? {} : { justification }),
  };
  try {
    if (Object.keys(needed).length > 0) await session.step(needed);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'purpose.unknown') return false;
    throw error;
  }
}

/** Null: nothing is new in it. @param had numbers of the parts that came before; undefined where it did not come yet */
async function withParts(
  session: Session,
  read: ReadStatement,
  had: ReadonlySet<number> | undefined,
): Promise<Receipt | null> {
  const ref = refOf(read.statement.header);
  const left = read.content === 'open' && read.leaves.some((_, n) => !had?.has(n));
  const shown = left ? (await session.statement(ref)).parts : [];
  const parts = shown.filter(({ n }) => !had?.has(n));
  if (had && parts.length === 0) return null;
  return { ...(await session.receipt(ref)), parts: new Map(parts.map(({ n, part }) => [n, part])) };
}

function keyOf({ statement }: Pick<ReadStatement, 'statement'>): string {
  const { party, id } = refOf(statement.header);
  return `${party}/${id}`;
}
