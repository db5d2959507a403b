/**
 * An alert is signed as a whole, its signature the last in it (CAP 1.2, 3.3.2.1; XML Signature, 6.6.4). Whatever fails
 * throws, and nothing unsigned comes out.
 */
import { type Bytes, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { envelopedSignature, exclusiveC14n, sha256, signedXml, signText } from './algorithms.ts';
import { type Signer, unable, validityOf } from './certificate.ts';
import { maxMessageBytes, readCap } from './read.ts';
import { asXml10, verifyCap } from './verify.ts';
import { parseXml } from './xml.ts';

/**
 * @param bytes what `writeCap` gave: they stay as they are, with the signature among them
 * @param now milliseconds since 1970
 * @throws cap.signing
 */
export function signCap(bytes: Uint8Array, signer: Signer, now: number): Bytes {
  const { state } = validityOf(signer.certificate, now);
  if (state === 'early' || state === 'ended') throw unable(`the certificate is not valid now: ${state}`);
  try {
    const signed = withSignature(bytes, signer);
    const verdict = verifyCap(signed, [{ name: 'own', certificate: signer.certificate }], now);
    if (verdict.state !== 'verified') throw unable('what was signed does not verify');
    return signed;
  } catch (cause) {
    if (cause instanceof Refusal && cause.code === 'cap.signing') throw cause;
    throw new Refusal('cap.signing', { cause });
  }
}

/** Put in before the end of the root. The library would write the whole anew from its tree, and other bytes. */
function withSignature(bytes: Uint8Array, signer: Signer): Bytes {
  const { text, root } = parseXml(bytes, maxMessageBytes);
  if (root.children.some(({ name }) => name === 'Signature')) throw unable('it is signed already');
  // What others could not read is not signed.
  readCap(bytes);
  const end = text.lastIndexOf('</', root.end);
  return utf8(`${text.slice(0, end)}${signatureOf(text, signer)}${text.slice(end)}`);
}

function signatureOf(text: string, { certificate, key, method }: Signer): string {
  const signature = signedXml(
    {
      privateKey: key,
      publicCert: certificate.toString(),
      signatureAlgorithm: method.uri,
      canonicalizationAlgorithm: exclusiveC14n,
    },
    { sign: (_, signed) => signText(method, signed, key) },
  );
  signature.addReference({
    xpath: '/*',
    uri: '',
    isEmptyUri: true,
    transforms: [envelopedSignature, exclusiveC14n],
    digestAlgorithm: sha256,
  });
  signature.computeSignature(asXml10(text));
  return signature.getSignatureXml();
}
