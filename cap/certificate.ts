/** The certificate by which a centre signs CAP: whether it can, and until when. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { Refusal } from '@parley/core/errors.ts';
import { type Method, methods } from './algorithms.ts';

export interface Signer {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
  readonly method: Method;
}

/** @param certificate, key PEM @throws cap.signing */
export function signerOf(certificate: string, key: string): Signer {
  const { parsed, secret } = opened(certificate, key);
  if (!parsed.checkPrivateKey(secret)) throw unable('the key is not the one of the certificate');
  const type = secret.asymmetricKeyType;
  const method = methods.find(({ keyType, hash }) => keyType === type && hash === 'sha256');
  if (!method) throw unable('the key is neither RSA nor ECDSA');
  if (type === 'rsa' && (secret.asymmetricKeyDetails?.modulusLength ?? 0) < 2048)
    throw unable('an RSA key has 2048 bits or more');
  return { certificate: parsed, key: secret, method };
}

function opened(certificate: string, key: string): { parsed: X509Certificate; secret: KeyObject } {
  try {
    return { parsed: new X509Certificate(certificate), secret: createPrivateKey(key) };
  } catch {
    // The cause may quote the key.
    throw unable('certificate or key cannot be read as PEM');
  }
}

export function unable(detail: string): Refusal {
  return new Refusal('cap.signing', { detail });
}

/** Days before its end when a certificate is announced. */
export const noticeDays = 30;

export interface Validity {
  readonly state: 'early' | 'current' | 'ends-soon' | 'ended';
  /** Milliseconds since 1970. */
  readonly until: number;
  /** Whole days from now until then; none once it has ended. */
  readonly daysLeft: number;
}

/** @param now milliseconds since 1970 */
export function validityOf(certificate: X509Certificate, now: number): Validity {
  const until = Date.parse(certificate.validTo);
  const daysLeft = Math.max(0, Math.floor((until - now) / 86_400_000));
  const state = ((): Validity['state'] => {
    if (now < Date.parse(certificate.validFrom)) return 'early';
    if (now > until) return 'ended';
    return until - now <= noticeDays * 86_400_000 ? 'ends-soon' : 'current';
  })();
  return { state, until, daysLeft };
}
