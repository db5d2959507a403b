/** Files that come before their share, with the same bytes and the same salt in both worlds. */
import { type Bytes, base64, utf8 } from '@parley/core/bytes.ts';
import { millisecondsOf } from '@parley/core/fields.ts';
import { uploadType } from '@parley/core/files.ts';
import { filePart, type Part } from '@parley/core/parts.ts';
import { signPayload } from '@parley/core/statement.ts';
import { leafOf, pieces } from '../../../server/testing/files.ts';
import type { Dice } from './dice.ts';
import type { Party, Side } from './pair.ts';

export interface Brought {
  readonly part: Part;
  readonly bytes: Bytes;
  /** The line that stands before the bytes: the same in both worlds. */
  line(side: Side): Promise<Bytes>;
  bring(side: Side): Promise<unknown>;
}

export function bringing({ dice }: { readonly dice: Dice }, by: Party, text: string): Brought {
  const bytes = utf8(text);
  const salt = dice.bytes(16);
  const leaf = leafOf(salt, bytes);
  let signed: Bytes | null = null;
  const line = async ({ world }: Side): Promise<Bytes> => {
    const payload = {
      ...{ centre: world.centre.name, party: by.id, device: by.desk.device },
      ...{ at: millisecondsOf(world.centre.now()), salt: base64(salt), leaf: base64(leaf) },
      ...{ size: bytes.length, type: 'text/plain' },
    };
    signed ??= utf8(JSON.stringify(await signPayload(uploadType, payload, by.desk)));
    return signed;
  };
  return {
    ...{ part: filePart(salt, leaf), bytes, line },
    bring: async (side) => side.world.centre.files.receive(await line(side), pieces(bytes)),
  };
}
