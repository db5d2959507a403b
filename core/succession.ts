/**
 * The log that follows: after a loss, or under other keys. It takes over the leaves that are there, so that its tree
 * begins with theirs, and the record that opens it says what became of the log before.
 */
import { utf8 } from './bytes.ts';
import { type Header, uuidFrom } from './statement.ts';

export type Succession = Header<'centre.succeed/1'>;

/** Of the record that opens the log: made from its name, so that a centre opens it once. */
export function successionId(log: string): string {
  return uuidFrom(utf8(`parley/caused/v1\ncentre.succeed/1\n${log}`));
}

/** What it means to somebody who has seen more or less of the log before. */
export type Verdict =
  /** The next log continues all that was seen. */
  | 'continued'
  /** Some of it is missing, as the record says. */
  | 'missing'
  /** More is missing than the record says. */
  | 'denied';

/**
 * @param index of the record that opens the next log
 * @param seen how many records of a log before were seen
 */
export function verdictOn({ body }: Succession, index: number, seen: number): Verdict {
  if (seen <= index) return 'continued';
  const { missing, before } = body;
  if (missing === null) return 'denied';
  return missing.to === null || seen <= before.size ? 'missing' : 'denied';
}
