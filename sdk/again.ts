/** Saying the same signed bytes again, after a loss at the centre: with their files, which it no longer has either. */
import { fromUtf8, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Json } from '@parley/core/json.ts';
import { parsePart } from '@parley/core/parts.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { filesOf, parseStatement } from '@parley/core/statement.ts';
import type { Connection } from './connection.ts';
import { bring } from './files.ts';
import { keepSent, type SentLines } from './keeping.ts';
import { type Speaker, send } from './submit.ts';

/** @throws what the centre refuses it with; file.unreadable where a file of it was not kept */
export async function sayAgain(connection: Connection, speaker: Speaker, sent: SentLines): Promise<Receipt> {
  const [envelope = '', ...parts] = fromUtf8(sent.lines).split('\n');
  const statement = parseStatement(JSON.parse(envelope) as Json);
  for (const { n, type } of filesOf(statement.header)) {
    const blob = sent.files.get(n);
    const { salt, file: leaf } = parsePart(utf8(parts[n] ?? ''), `/parts/${n}`);
    if (!blob || !leaf)
      throw new Refusal('file.unreadable', { at: `/parts/${n}`, detail: 'the file was not kept' });
    await bring(connection, speaker, { blob, type, salt, leaf });
  }
  const receipt = await send(connection, statement, sent);
  await connection.keep(receipt);
  await keepSent(connection.keeper, connection.log.trust.origin, receipt, sent);
  return receipt;
}
