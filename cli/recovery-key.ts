/** How keys of a recovery are shown. */
import { fromBase64 } from '@parley/core/bytes.ts';
import { type DeviceId, fingerprint } from '@parley/core/keys.ts';
import { short } from './format.ts';

/**
 * Once, to be written down.
 * @param again the command that uses it, on a machine that is not this one
 */
export function recoveryLines(code: string, again: string): string {
  return `This is the recovery key of your party. It is shown once and kept nowhere: print it or write it down now, and
keep it away from every device. Whoever has it can speak for your party:

  ${code}

If every device is lost, it brings the party back:

  ${again}
`;
}

/** The first digits of the fingerprint that the key's device has, or will have. */
export function keyName(key: string): string {
  return short(deviceOf(key));
}

/** @param key base64 of a public key */
export function deviceOf(key: string): DeviceId {
  return fingerprint(fromBase64(key) ?? new Uint8Array());
}
