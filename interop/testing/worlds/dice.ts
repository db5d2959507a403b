/** Keys, ids and salts by chance that can be had again: the same seed makes the same signed bytes. */
import { type Bytes, hex } from '@parley/core/bytes.ts';
import { Chance } from '../chance.ts';

export class Dice extends Chance {
  readonly bytes = (length: number): Bytes => {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.below(256);
    return bytes;
  };

  /** Of the random form. */
  uuid(): string {
    const bytes = this.bytes(16);
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  /** Once in so many. */
  oneIn(many: number): boolean {
    return this.below(many) === 0;
  }

  /** @throws where there is nothing to pick */
  one<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('nothing to choose from');
    return list[this.below(list.length)] as T;
  }
}
