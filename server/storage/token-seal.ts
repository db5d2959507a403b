/**
 * What the journals keep of a token: in a plain store its SHA-256. In an encrypted one a MAC of that, by which it is
 * found, and the hash sealed under what the row grants: a row that was put there without the key, or altered, opens
 * nothing.
 */
import { createHmac, createSecretKey } from 'node:crypto';
import { type Bytes, equal, utf8 } from '@parley/core/bytes.ts';
import { sha256 } from '@parley/core/sha256.ts';
import type { Grant, TokenRow, TokenSeal } from '../journals/ports.ts';
import type { Vault } from '../vault/vault.ts';

interface HashSeal {
  lookup(hash: Uint8Array): Bytes;
  seal(hash: Uint8Array, grant: Grant): Bytes | null;
  /** The hash of the token. @throws store.corrupt where the row was not written so */
  open(row: TokenRow, grant: Grant): Uint8Array;
}

/** The time that a search takes tells of the hash only, which nobody can steer towards a stored one. */
export function tokenSeal(vault: Vault | null): TokenSeal {
  const hashes = hashSeal(vault);
  return {
    lookup: (token) => hashes.lookup(sha256(utf8(token))),
    seal: (token, grant) => hashes.seal(sha256(utf8(token)), grant),
    holds(row, grant) {
      try {
        return equal(hashes.lookup(hashes.open(row, grant)), row.token);
      } catch {
        return false;
      }
    },
  };
}

/** How a row goes over to another key. @throws store.corrupt where it was not written under the old one */
export function tokenMove(
  from: Vault | null,
  to: Vault | null,
): <Row extends TokenRow>(row: Row, grant: Grant) => Row {
  const [old, next] = [hashSeal(from), hashSeal(to)];
  return (row, grant) => {
    const hash = old.open(row, grant);
    return { ...row, token: next.lookup(hash), seal: next.seal(hash, grant) };
  };
}

function hashSeal(vault: Vault | null): HashSeal {
  if (!vault) return { lookup: (hash) => new Uint8Array(hash), seal: () => null, open: ({ token }) => token };
  const key = createSecretKey(vault.derived('tokens'));
  const sealer = vault.sealer('tokens');
  return {
    lookup: (hash) => new Uint8Array(createHmac('sha256', key).update(hash).digest()),
    seal: (hash, grant) => sealer.seal(JSON.stringify(grant), hash),
    open: ({ seal }, grant) => sealer.open(JSON.stringify(grant), seal ?? new Uint8Array(0)),
  };
}
