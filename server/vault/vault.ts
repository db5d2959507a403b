/**
 * What seals a store at rest. One data key for a folder, of which a key for each use is derived; the data key itself
 * is wrapped by a key that is kept apart (`data-key.ts`).
 */
import { createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import { type Bytes, concat, hex, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { nonceLength, Xaes } from './xaes.ts';

export const keyLength = 32;

/** What a sealed value is for: no key seals two of these. */
export type Use = 'log' | 'journals' | 'projections' | 'keys' | 'files' | 'tokens';

/** nonce ‖ ciphertext ‖ tag. `about` says where the value stands: moved elsewhere it does not open. */
export interface Sealer {
  seal(about: string, plain: Uint8Array): Bytes;
  /** @throws store.corrupt */
  open(about: string, sealed: Uint8Array): Bytes;
}

export class Vault {
  /** Who has these 32 bytes reads the store: they leave this object only for a thread of the same process. */
  readonly key: Bytes;
  /** Names the key and tells nothing of it. */
  readonly id: string;

  constructor(key: Bytes) {
    if (key.length !== keyLength) throw new Refusal('fault', { detail: 'a data key of another length' });
    this.key = key;
    this.id = hex(this.derived('id')).slice(0, 32);
  }

  static make(): Vault {
    return new Vault(new Uint8Array(randomBytes(keyLength)));
  }

  /** Every value under a nonce of its own: equal ones do not look equal. */
  sealer(use: Use): Sealer {
    return sealerOf(this.derived(`seal/${use}`), () => randomBytes(nonceLength));
  }

  /** The nonce is a MAC of place and value: equal values at one place look equal, and can be found. */
  alike(use: Use): Sealer {
    const mac = createSecretKey(this.derived(`alike-nonce/${use}`));
    return sealerOf(this.derived(`alike/${use}`), (about, plain) =>
      createHmac('sha256', mac).update(about).update('\0').update(plain).digest().subarray(0, nonceLength),
    );
  }

  /** HKDF (RFC 5869): 32 bytes for this use alone. */
  derived(use: string): Bytes {
    return new Uint8Array(
      hkdfSync('sha256', this.key, new Uint8Array(0), `parley/vault/v1/${use}`, keyLength),
    );
  }
}

/** In a thread, of the key that it was given. */
export function vaultOf(key: Bytes | null): Vault | null {
  return key && new Vault(key);
}

function sealerOf(key: Bytes, nonceOf: (about: Bytes, plain: Uint8Array) => Uint8Array): Sealer {
  const cipher = new Xaes(key);
  return {
    seal(about, plain) {
      const place = utf8(about);
      const nonce = nonceOf(place, plain);
      return concat(nonce, cipher.seal(nonce, plain, place));
    },
    open(about, sealed) {
      try {
        return cipher.open(sealed.subarray(0, nonceLength), sealed.subarray(nonceLength), utf8(about));
      } catch (cause) {
        const detail = 'a sealed value does not open: it was changed, or moved here from elsewhere';
        throw new Refusal('store.corrupt', { at: about, detail, cause });
      }
    },
  };
}
