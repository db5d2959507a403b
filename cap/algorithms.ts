/** The algorithms of XML signatures that are made or checked here. SHA-1 is not among them, nor are shared keys. */
import { type KeyObject, sign, verify } from 'node:crypto';
import { SignedXml } from 'xml-crypto';

export const envelopedSignature = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
export const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const inclusiveC14n = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
/** The same as 1.0 where no `xml:` attributes stand, and CAP allows none. */
export const inclusiveC14n11 = 'http://www.w3.org/2006/12/xml-c14n11';
export const sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
export const sha512 = 'http://www.w3.org/2001/04/xmlenc#sha512';

export interface Method {
  readonly uri: string;
  readonly keyType: 'rsa' | 'ec';
  readonly hash: 'sha256' | 'sha384' | 'sha512';
}

const more = 'http://www.w3.org/2001/04/xmldsig-more#';
export const methods: readonly Method[] = (['sha256', 'sha384', 'sha512'] as const).flatMap((hash) => [
  { uri: `${more}rsa-${hash}`, keyType: 'rsa', hash },
  { uri: `${more}ecdsa-${hash}`, keyType: 'ec', hash },
]);

/** RFC 4051, 2.3.6: an ECDSA signature is r and s side by side, as IEEE P1363 has it, and not DER. */
const dsaEncoding = 'ieee-p1363';

export function signText({ hash }: Method, text: string, key: KeyObject): string {
  return sign(hash, Buffer.from(text), { key, dsaEncoding }).toString('base64');
}

export function isSigned({ hash, keyType }: Method, text: string, key: KeyObject, value: string): boolean {
  if (key.asymmetricKeyType !== keyType) return false;
  return verify(hash, Buffer.from(text), { key, dsaEncoding }, Buffer.from(value, 'base64'));
}

export interface Work {
  readonly sign?: (method: Method, text: string) => string;
  readonly verify?: (method: Method, text: string, value: string) => boolean;
}

/** A signer or verifier that knows these and nothing else. The keys stay with the caller: none is taken from a message. */
export function signedXml(options: ConstructorParameters<typeof SignedXml>[0], work: Work): SignedXml {
  const signature = new SignedXml(options);
  const canonical = signature.CanonicalizationAlgorithms;
  const hashes = signature.HashAlgorithms;
  signature.CanonicalizationAlgorithms = only(canonical, [envelopedSignature, exclusiveC14n, inclusiveC14n]);
  const c14n = canonical[inclusiveC14n];
  if (c14n) signature.CanonicalizationAlgorithms[inclusiveC14n11] = c14n;
  signature.HashAlgorithms = only(hashes, [sha256, sha512]);
  signature.SignatureAlgorithms = Object.fromEntries(
    methods.map((method) => [method.uri, algorithm(method, work)]),
  );
  return signature;
}

function algorithm(
  method: Method,
  { sign: make, verify: judge }: Work,
): SignedXml['SignatureAlgorithms'][string] {
  return class {
    getAlgorithmName = () => method.uri;
    getSignature = (text: unknown): string => {
      if (!make) throw new Error('only verifies');
      return make(method, String(text));
    };
    verifySignature = (text: string, _key: unknown, value: string): boolean =>
      judge?.(method, text, value) === true;
  };
}

function only<T>(table: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(table).filter(([name]) => names.includes(name)));
}
