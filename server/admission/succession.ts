/**
 * The log that follows. Nothing that is running can open it: the writer must have been opened for it, which only the
 * commands of whoever runs the centre do, and then nothing else is said.
 */
import { equal, utf8 } from '@parley/core/bytes.ts';
import { openCheckpoint, parseCheckpoint } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type Instant, instantOf } from '@parley/core/fields.ts';
import { logNumber } from '@parley/core/log-names.ts';
import { ed25519Type, parseNote, parseVkey } from '@parley/core/note.ts';
import type { AnyHeader } from '@parley/core/statement.ts';
import { isA } from '@parley/core/statement.ts';
import { type Succession, successionId } from '@parley/core/succession.ts';
import { type KeptLog, trustOf } from '../log/logs.ts';
import type { Head } from '../log/ports.ts';
import type { Readers } from './readers.ts';
import type { RuleOf } from './said.ts';

/** While a log is opened, only its first record is taken. */
export function checkOpening(header: AnyHeader, { succeeding }: Readers): void {
  if (succeeding !== null && !isA(header, 'centre.succeed/1')) throw new Refusal('stopping');
}

export const succeed: RuleOf<'centre.succeed/1'> = async ({ header, readers }) => {
  const { body, centre } = header;
  if (readers.succeeding !== body.log)
    throw new Refusal('rule.broken', { at: '/body/log', detail: 'the log that is there goes on' });
  if (header.id !== successionId(body.log))
    throw new Refusal('rule.broken', { at: '/id', detail: 'the id follows from the name of the log' });
  const [head, current] = [await readers.log.head(), (await readers.logs()).at(-1)];
  if (!head || !current)
    throw new Refusal('rule.broken', { at: '/body/before', detail: 'there is no log yet' });
  const [now, before] = [current.origin, body.before.log].map((origin) => logNumber(centre, origin) ?? 0);
  if ((before as number) < (now as number))
    throw new Refusal('rule.broken', { at: '/body/before/log', detail: `the log is ${current.origin}` });
  if ((body.missing?.from ?? body.before.size) !== head.size)
    throw new Refusal('rule.broken', { at: '/body/missing', detail: `the store holds ${head.size} records` });
  checkKeys(body);
  await checkLast(body.before, current, head);
};

function checkKeys({ log, keys }: Succession['body']): void {
  const parsed = keys.map(parseVkey);
  if (parsed.some(({ name }) => name !== log) || !parsed.some(({ type }) => type === ed25519Type))
    throw new Refusal('rule.broken', { at: '/body/keys', detail: `expected an Ed25519 key of ${log}` });
}

/** What is said of the log before is what it signed. One whose opening is lost, too, nobody here can check. */
async function checkLast(
  { log, size, checkpoint: note }: Succession['body']['before'],
  current: KeptLog,
  head: Head,
): Promise<void> {
  if (note === null) return;
  const { checkpoint } =
    log === current.origin
      ? await openCheckpoint(utf8(note), trustOf(current))
      : { checkpoint: parseCheckpoint(parseNote(utf8(note)).text) };
  const other = size === head.size && log === current.origin && !equal(checkpoint.root, head.root);
  if (checkpoint.origin !== log || checkpoint.size !== size || other)
    throw new Refusal('rule.broken', { at: '/body/before/checkpoint', detail: 'not the one of this size' });
}

/**
 * After a loss members say again what they hold receipts for: the same signed bytes, whose time is the one of then. It
 * may lie between the last record that was kept and the opening of the log that follows, for this long. Also where the
 * centre has said that nothing was lost: it may not have known.
 */
const sayAgainFor: Instant = 366 * 86_400 * 1_000_000;

/** Whether a time lies in what was lost. Asked only where it is too far from now. */
export async function wasLost(at: Instant, skew: Instant, now: Instant, readers: Readers): Promise<boolean> {
  for (const { from, succession } of await readers.logs()) {
    if (!succession) continue;
    const [last] = await readers.log.records([from - 1]);
    const opened = instantOf(succession.at);
    if (last && at >= last.instant - skew && at <= opened + skew && now <= opened + sayAgainFor) return true;
  }
  return false;
}
