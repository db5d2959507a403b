/** What is looked at before a file may be shared: that it is what it says, that it can be unpacked, that it is clean. */
import { Refusal } from '@parley/core/errors.ts';
import { beginsAs, headLength, isTextControl } from '@parley/core/file-types.ts';
import { checkArchive } from './archives.ts';
import type { Scanner } from './scanner.ts';
import type { Spool } from './spool.ts';

/** @throws file.type, file.bomb, file.infected, file.unscanned */
export async function inspect(spool: Spool, type: string, scanner: Scanner | null): Promise<void> {
  if (!beginsAs(type, await spool.head(headLength)))
    throw new Refusal('file.type', { at: '/payload/type', detail: `it does not begin as ${type} does` });
  if (type.startsWith('text/')) await checkText(spool);
  await checkArchive(spool, type);
  await scanner?.(spool.read());
}

/** All of it: what is binary further on is no text. */
async function checkText(spool: Spool): Promise<void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of spool.read()) {
      decoder.decode(piece, { stream: true });
      for (const byte of piece) if (byte < 0x20 && !isTextControl(byte)) throw notText();
    }
    decoder.decode();
  } catch (error) {
    throw error instanceof Refusal ? error : notText();
  }
}

function notText(): Refusal {
  return new Refusal('file.type', { at: '/payload/type', detail: 'it is not text in UTF-8' });
}
