/**
 * Whose signature it is, by certificates that somebody here has pinned. A message says nothing about whom to trust:
 * the certificate in it is only used to tell that somebody pretends to be one of the pinned. What was verified are the
 * bytes in the answer, and no others. A message that cannot be verified is shown all the same, and it is said
 * (CAP 1.2, 3.3.2).
 */
import type { X509Certificate } from 'node:crypto';
import { type Bytes, utf8 } from '@parley/core/bytes.ts';
import {
  envelopedSignature,
  exclusiveC14n,
  inclusiveC14n,
  inclusiveC14n11,
  isSigned,
  methods,
  sha256,
  sha512,
  signedXml,
} from './algorithms.ts';
import { validityOf } from './certificate.ts';
import { signatureNamespace } from './grammar.ts';
import { maxMessageBytes } from './read.ts';
import { type Document, type Element, parseXml, standalone } from './xml.ts';
import { lineEndsKept } from './xml-write.ts';

export interface Pinned {
  readonly name: string;
  readonly certificate: X509Certificate;
}

export type Verdict =
  /** By whom, whether the certificate is valid now, and what was signed: read this, not what came. */
  | { readonly state: 'verified'; readonly by: Pinned; readonly current: boolean; readonly signed: Bytes }
  /** Nothing speaks against it, and nothing for it. */
  | {
      readonly state: 'not-verifiable';
      readonly why: 'unsigned' | 'unknown-signer' | 'several-signatures' | 'other-form' | 'too-large';
    }
  /** It is not what its signature is over; or the signature is not over the whole; or not by whom it names. */
  | { readonly state: 'broken'; readonly why: 'changed' | 'not-the-whole' | 'not-the-signer' | 'unreadable' };

const broken = (why: Extract<Verdict, { state: 'broken' }>['why']): Verdict => ({ state: 'broken', why });
const open = (why: Extract<Verdict, { state: 'not-verifiable' }>['why']): Verdict => ({
  state: 'not-verifiable',
  why,
});

/**
 * Elements and attributes. The library's time grows with their square: a second or two for so many, and every message
 * of public services seen so far has less.
 */
export const maxVerifiedNodes = 5_000;

/** @param now milliseconds since 1970 @throws what `parseXml` throws */
export function verifyCap(bytes: Uint8Array, pinned: readonly Pinned[], now: number): Verdict {
  const document = parseXml(bytes, maxMessageBytes);
  const signatures = signaturesIn(document.root);
  const [signature, ...more] = signatures;
  if (!signature) return open('unsigned');
  // With one inside another's `Object`, or an alert inside a signature, what is signed and what is read may differ.
  if (signatures.some((one) => !document.root.children.includes(one))) return broken('not-the-whole');
  if (more.length > 0) return open('several-signatures');
  if (nodesIn(document.root) > maxVerifiedNodes) return open('too-large');
  const form = formOf(signature);
  if (form !== 'ours') return form === 'other' ? open('other-form') : broken(form);
  return judged(document, signature, pinned, now);
}

function signaturesIn(element: Element): Element[] {
  const own = isSignature(element, 'Signature') ? [element] : [];
  return [...own, ...element.children.flatMap(signaturesIn)];
}

function nodesIn({ attributes, children }: Element): number {
  return children.reduce((sum, child) => sum + nodesIn(child), 1 + attributes.size);
}

function isSignature({ namespace, name }: Element, wanted: string): boolean {
  return namespace === signatureNamespace && name === wanted;
}

const canonical = [exclusiveC14n, inclusiveC14n, inclusiveC14n11];

/** One reference to the whole document, by algorithms that still hold. All else would have to be understood first. */
function formOf(signature: Element): 'ours' | 'other' | 'not-the-whole' | 'unreadable' {
  const [info, value, keyInfo, ...objects] = signature.children;
  if (!info || !value || !isSignature(info, 'SignedInfo') || !isSignature(value, 'SignatureValue'))
    return 'unreadable';
  const [c14n, method, reference, ...references] = info.children;
  if (!c14n || !method || !reference || !isSignature(reference, 'Reference')) return 'unreadable';
  if (reference.attributes.get('URI') !== '' || references.length > 0) return 'not-the-whole';
  if (objects.length > 0 || (keyInfo && !isSignature(keyInfo, 'KeyInfo'))) return 'other';
  const [transforms, digest] = reference.children;
  if (!transforms || !digest || !isSignature(transforms, 'Transforms')) return 'unreadable';
  const [enveloped, ...then] = transforms.children.map(algorithmOf);
  const known =
    canonical.includes(algorithmOf(c14n)) &&
    methods.some(({ uri }) => uri === algorithmOf(method)) &&
    enveloped === envelopedSignature &&
    then.length <= 1 &&
    then.every((name) => canonical.includes(name)) &&
    [sha256, sha512].includes(algorithmOf(digest));
  return known ? 'ours' : 'other';
}

const algorithmOf = ({ attributes }: Element) => attributes.get('Algorithm') ?? '';

function judged(document: Document, signature: Element, pinned: readonly Pinned[], now: number): Verdict {
  let by: Pinned | undefined;
  let digestHolds = false;
  const verifier = signedXml(
    // Required by the library, and given to nobody: the keys are those of the certificates below.
    { publicCert: 'pinned' },
    {
      verify: (method, text, value) => {
        digestHolds = true;
        by = pinned.find(({ certificate }) => isSigned(method, text, certificate.publicKey, value));
        return by !== undefined;
      },
    },
  );
  try {
    verifier.loadSignature(standalone(document, signature));
    if (!verifier.checkSignature(asXml10(document.text))) return broken('changed');
  } catch {
    if (!digestHolds) return broken('unreadable');
    return names(signature, pinned) ? broken('not-the-signer') : open('unknown-signer');
  }
  const [signed, ...others] = verifier.getSignedReferences();
  if (!by || signed === undefined || others.length > 0) return broken('unreadable');
  const { state } = validityOf(by.certificate, now);
  return {
    state: 'verified',
    by,
    current: state === 'current' || state === 'ends-soon',
    signed: utf8(signed),
  };
}

/** For the library, whose parser has the line ends of XML 1.1: those of 1.0 made, and its own out of its sight. */
export function asXml10(text: string): string {
  return lineEndsKept(text.replace(/\r\n?/g, '\n'));
}

/** Whether the message claims to be signed by one of the pinned. */
function names(signature: Element, pinned: readonly Pinned[]): boolean {
  const texts = (element: Element): string[] => [
    ...(isSignature(element, 'X509Certificate') ? [element.text.replace(/\s/g, '')] : []),
    ...element.children.flatMap(texts),
  ];
  const claimed = texts(signature);
  return pinned.some(({ certificate }) => claimed.includes(certificate.raw.toString('base64')));
}
