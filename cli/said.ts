/** The answer of a command that said something. */
import { textOf } from '@parley/core/fields.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import type { Context } from './context.ts';
import { shortRef, time } from './format.ts';

export const saidShape = '{"party","id","kind","room","index","came"}';

export interface Said {
  readonly party: string;
  readonly id: string;
  readonly kind: string;
  readonly room: string | null;
  /** Of the record in the log. */
  readonly index: number;
  /** When the centre took it. */
  readonly came: string;
}

export function saidOf({ statement, record }: Receipt): Said {
  const { party, id, kind, room } = statement.header;
  return { party, id, kind, room: room ?? null, index: record.index, came: textOf(record.instant) };
}

/** @param human one sentence on what now holds; where it can be looked up follows */
export function answerSaid(
  context: Context,
  receipt: Receipt,
  human: string,
  more: Record<string, unknown> = {},
): Promise<void> {
  const said = saidOf(receipt);
  const place = `Statement ${shortRef(said)}, record ${said.index}, ${time(said.came)}.`;
  return context.answer({ ...said, ...more }, `${human}\n${place}\n`);
}
