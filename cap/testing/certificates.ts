/** Certificates for tests, made when they are needed: no key lies in the repository, and each has the times it needs. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface Made {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}

export interface Wish {
  readonly type?: 'rsa' | 'ec';
  readonly name?: string;
  readonly from?: string;
  readonly until?: string;
}

/** Self-signed: nothing here follows chains. */
export function makeCertificate(wish: Wish = {}): Made {
  const { type = 'ec', name = 'Fictional Warning Service' } = wish;
  const { privateKey, publicKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = type === 'rsa' ? sequence(sha256WithRsa, asNull) : sequence(ecdsaWithSha256);
  const who = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from(name)))));
  const times = sequence(
    time(wish.from ?? '2026-01-01T00:00:00Z'),
    time(wish.until ?? '2036-01-01T00:00:00Z'),
  );
  const keyInfo = publicKey.export({ type: 'spki', format: 'der' });
  const body = sequence(der(0x02, Buffer.from([1])), algorithm, who, times, who, keyInfo);
  const certificate = sequence(body, algorithm, bitString(sign('sha256', body, privateKey)));
  return { certificate: pem(certificate), key: exported(privateKey) };
}

// ITU-T X.690. Object identifiers as bytes: 1.2.840.113549.1.1.11, 1.2.840.10045.4.3.2, 2.5.4.3.
const sha256WithRsa = der(0x06, Buffer.from('2a864886f70d01010b', 'hex'));
const ecdsaWithSha256 = der(0x06, Buffer.from('2a8648ce3d040302', 'hex'));
const commonName = der(0x06, Buffer.from('550403', 'hex'));
const asNull = der(0x05, Buffer.alloc(0));

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head =
    length < 128
      ? [tag, length]
      : length < 256
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function sequence(...items: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(items));
}

function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

function time(text: string): Buffer {
  return der(0x18, Buffer.from(`${text.replace(/\D/g, '')}Z`));
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function exported(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
