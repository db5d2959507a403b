/** PNG (W3C, third edition): chunks that say how the picture looks, and nothing else. */
import { concat } from '@parley/core/bytes.ts';
import { broken, slice, text, view } from './bytes.ts';

const signature = 8;
const kept: ReadonlySet<string> = new Set(
  'IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs cICP mDCV cLLI acTL fcTL fdAT'.split(' '),
);

/** @throws file.metadata */
export function stripPng(bytes: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [slice(bytes, 0, signature)];
  for (let at = signature; ; ) {
    const length = view(slice(bytes, at, at + 4)).getUint32(0);
    const type = text(bytes, at + 4, 4);
    const chunk = slice(bytes, at, at + 12 + length);
    if (kept.has(type)) pieces.push(chunk);
    else if (isCritical(type)) throw broken(`a chunk ${JSON.stringify(type)} that is not known here`);
    if (type === 'IEND') return concat(...pieces);
    at += chunk.length;
  }
}

/** A capital letter at first: nobody can show the picture without it. */
function isCritical(type: string): boolean {
  return /^[A-Z]/.test(type);
}
