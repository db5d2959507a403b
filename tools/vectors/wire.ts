/** Headers of vectors that nobody signed: for tests of shape, which look at no signature. */
import { base64, utf8 } from '@parley/core/bytes.ts';
import { type AnyHeader, parseStatement, statementType } from '@parley/core/statement.ts';
import { declared, harbour, header, partsOf, room } from './cast.ts';

export type VectorHeader = Record<string, unknown> & { readonly device: string };

/** Reads a header as it would come over the wire. @throws what `parseStatement` throws */
export function checkVectorHeader(value: VectorHeader): AnyHeader {
  const signatures = [{ keyid: value.device, sig: base64(new Uint8Array(64)) }];
  return parseStatement({
    payload: base64(utf8(JSON.stringify(value))),
    payloadType: statementType,
    signatures,
  }).header;
}

/** The header of a share with this handling. */
export function handlingHeader(handling: unknown): VectorHeader {
  const parts = partsOf('handling', ['{}']);
  return {
    ...header('share/1', harbour, { handling }, { room, parts }),
    ...declared(parts),
    device: harbour.device,
  };
}
