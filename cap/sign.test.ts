import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fromUtf8, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import {
  envelopedSignature,
  exclusiveC14n,
  inclusiveC14n,
  sha512,
  signedXml,
  signText,
} from './algorithms.ts';
import { signerOf, validityOf } from './certificate.ts';
import { readCap } from './read.ts';
import { signCap } from './sign.ts';
import { beside, noData, noXmlsec, schemaFaults } from './testing/beside.ts';
import { type Made, makeCertificate } from './testing/certificates.ts';
import { sample } from './testing/sample.ts';
import { maxVerifiedNodes, type Pinned, type Verdict, verifyCap } from './verify.ts';
import { writeCap } from './write.ts';

const now = Date.parse('2026-05-01T12:00:00Z');
const bytes = writeCap(sample());
const rsa = makeCertificate({ type: 'rsa' });
const ecdsa = makeCertificate({ type: 'ec' });
const other = makeCertificate({ name: 'Somebody else' });

const pin = (...made: Made[]): Pinned[] =>
  made.map(({ certificate }, i) => ({ name: `signer ${i}`, certificate: new X509Certificate(certificate) }));
const signedBy = ({ certificate, key }: Made, input = bytes) =>
  signCap(input, signerOf(certificate, key), now);
const judged = (input: Uint8Array | string, ...made: Made[]): Verdict =>
  verifyCap(typeof input === 'string' ? utf8(input) : input, pin(...made), now);
const outcome = (verdict: Verdict) =>
  verdict.state === 'verified' ? verdict.state : [verdict.state, verdict.why];

const folder = mkdtempSync(join(tmpdir(), 'parley-cap-'));
after(() => rmSync(folder, { recursive: true }));

/** What xmlsec1 says of it, by the pinned key alone. */
function xmlsecTakes(message: string | Uint8Array, { certificate }: Made): boolean {
  const [file, key] = [join(folder, 'message.xml'), join(folder, 'certificate.pem')];
  writeFileSync(file, message);
  writeFileSync(key, certificate);
  return spawnSync('xmlsec1', ['--verify', '--pubkey-cert-pem', key, file]).status === 0;
}

for (const [name, made] of [
  ['RSA', rsa],
  ['ECDSA', ecdsa],
] as const)
  describe(`an alert signed by ${name}`, () => {
    const signed = signedBy(made);
    const text = fromUtf8(signed);

    it('is what was written, with a signature before its end', () => {
      const [before = '', rest = ''] = text.split('<Signature ');
      const end = rest.slice(rest.indexOf('</Signature>') + '</Signature>'.length);
      assert.equal(before + end, fromUtf8(bytes));
      assert.match(end, /^<\/alert>\s*$/);
    });

    it('verifies by the pinned certificate, and gives what was signed', () => {
      const verdict = judged(signed, other, made);
      assert.ok(verdict.state === 'verified');
      assert.deepEqual([verdict.by.name, verdict.current], ['signer 1', true]);
      assert.deepEqual(readCap(verdict.signed), readCap(bytes));
      assert.doesNotMatch(fromUtf8(verdict.signed), /Signature/);
    });

    it('is broken after one word, one space, or new lines', () => {
      assert.deepEqual(outcome(judged(text.replace('48 hours', '24 hours'), made)), ['broken', 'changed']);
      assert.deepEqual(outcome(judged(text.replace('<scope>', ' <scope>'), made)), ['broken', 'changed']);
      assert.deepEqual(outcome(judged(text.replaceAll(/>\s+</g, '><'), made)), ['broken', 'changed']);
      assert.deepEqual(outcome(judged(text.replaceAll('\n  ', '\n    '), made)), ['broken', 'changed']);
    });

    it('passes the schema of OASIS', { skip: noData }, async () => {
      assert.deepEqual(await schemaFaults([signed]), []);
    });

    it('verifies with xmlsec1, and is broken there too', { skip: noXmlsec }, () => {
      assert.equal(xmlsecTakes(signed, made), true);
      assert.equal(xmlsecTakes(text.replaceAll('\n  ', '\n    '), made), false);
      assert.equal(xmlsecTakes(text.replace('48 hours', '24 hours'), made), false);
      assert.equal(xmlsecTakes(signed, other), false);
    });
  });

describe('line ends that are none in XML 1.0', () => {
  const strange = writeCap(sample({ note: 'a\r\nb\u0085c\u2028d' }));

  it('are signed as they are', { skip: noXmlsec }, () => {
    const signed = signedBy(ecdsa, strange);
    assert.equal(judged(signed, ecdsa).state, 'verified');
    assert.equal(xmlsecTakes(signed, ecdsa), true);
    // As another writer would have them.
    const raw = fromUtf8(signed).replace('&#x85;', '\u0085').replace('&#x2028;', '\u2028');
    assert.equal(judged(raw, ecdsa).state, 'verified');
    assert.equal(xmlsecTakes(raw, ecdsa), true);
    const other = raw.replace('\u0085', '\n');
    assert.deepEqual(outcome(judged(other, ecdsa)), ['broken', 'changed']);
    assert.equal(xmlsecTakes(other, ecdsa), false);
  });

  it('of another system are those of XML', () => {
    assert.equal(judged(fromUtf8(signedBy(ecdsa)).replaceAll('\n', '\r\n'), ecdsa).state, 'verified');
  });
});

describe('a signature', () => {
  const text = fromUtf8(signedBy(ecdsa));
  const signature = /<Signature [\s\S]*<\/Signature>/.exec(text)?.[0] ?? '';
  const evil = fromUtf8(writeCap(sample({ identifier: 'evil' })));
  const inner = text.replace(/^<\?xml.*\n/, '');

  it('of somebody unknown is told, and the message is not refused for it', () => {
    assert.deepEqual(outcome(judged(text)), ['not-verifiable', 'unknown-signer']);
    assert.deepEqual(outcome(judged(text, other, rsa)), ['not-verifiable', 'unknown-signer']);
    assert.deepEqual(outcome(judged(bytes, ecdsa)), ['not-verifiable', 'unsigned']);
    assert.deepEqual(outcome(judged(text.replace('48 hours', '24 hours'))), ['broken', 'changed']);
  });

  it('is not the one of whom its certificate names', () => {
    const [mine, yours] = [ecdsa, other].map(({ certificate }) =>
      certificate.replace(/-----.*-----|\s/g, ''),
    );
    const posing = fromUtf8(signedBy(other)).replace(yours as string, mine as string);
    assert.deepEqual(outcome(judged(posing, ecdsa)), ['broken', 'not-the-signer']);
    assert.deepEqual(outcome(judged(posing, rsa)), ['not-verifiable', 'unknown-signer']);
  });

  it('is over the whole alert, and the only one', () => {
    const wrapped = [
      // The signed alert lies inside another.
      evil.replace('</alert>', `${inner}</alert>`),
      evil.replace('<info>', `<info>${inner}`),
      evil.replace(
        '</alert>',
        `${signature.replace('</Signature>', `<Object>${inner}</Object></Signature>`)}</alert>`,
      ),
      // It refers to some element that the attacker moved.
      text.replace('URI=""', 'URI="#a"'),
      text.replace(' URI=""', ''),
    ];
    for (const message of wrapped)
      assert.deepEqual(outcome(judged(message, ecdsa)), ['broken', 'not-the-whole'], message);
    assert.deepEqual(outcome(judged(evil.replace('</alert>', `${signature}</alert>`), ecdsa)), [
      'broken',
      'changed',
    ]);
    assert.deepEqual(outcome(judged(text.replace(signature, signature + signature), ecdsa)), [
      'not-verifiable',
      'several-signatures',
    ]);
    const second = text.replace('</Reference>', '</Reference><Reference URI=""></Reference>');
    assert.deepEqual(outcome(judged(second, ecdsa)), ['broken', 'not-the-whole']);
  });

  it('is of a form that is understood', () => {
    const forms = [
      text.replace(
        '<Transform ',
        '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/><Transform ',
      ),
      text.replace('more#ecdsa-sha256', 'more#hmac-sha256'),
      text.replace(
        'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
        'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
      ),
      text.replace('xmlenc#sha256', 'xmldsig#sha1'),
      text.replace('</Signature>', '<Object>1</Object></Signature>'),
    ];
    for (const message of forms)
      assert.deepEqual(outcome(judged(message, ecdsa)), ['not-verifiable', 'other-form'], message);
    assert.deepEqual(outcome(judged(text.replace(/<SignedInfo>[\s\S]*<\/SignedInfo>/, ''), ecdsa)), [
      'broken',
      'unreadable',
    ]);
    assert.deepEqual(outcome(judged(text.replace(/<DigestValue>[^<]*/, '<DigestValue>'), ecdsa)), [
      'broken',
      'unreadable',
    ]);
    assert.deepEqual(outcome(judged(text.replace(/<SignatureValue>[^<]*/, '<SignatureValue>AAAA'), ecdsa)), [
      'broken',
      'not-the-signer',
    ]);
  });

  it('is not looked into where that would take too long', () => {
    const long = text.replace('</code>', `</code>${'<code>a</code>'.repeat(maxVerifiedNodes)}`);
    assert.deepEqual(outcome(judged(long, ecdsa)), ['not-verifiable', 'too-large']);
    const wide = Array.from({ length: maxVerifiedNodes }, (_, i) => `a${i}="1"`).join(' ');
    assert.deepEqual(outcome(judged(text.replace('<code>', `<code ${wide}>`), ecdsa)), [
      'not-verifiable',
      'too-large',
    ]);
  });

  it('with a prefix that is declared around it verifies all the same', () => {
    const { key, method } = signerOf(ecdsa.certificate, ecdsa.key);
    for (const canonicalizationAlgorithm of [exclusiveC14n, inclusiveC14n]) {
      const root = fromUtf8(bytes).replace('<alert ', '<alert xmlns:s="http://www.w3.org/2000/09/xmldsig#" ');
      const made = signedXml(
        { privateKey: key, signatureAlgorithm: method.uri, canonicalizationAlgorithm },
        { sign: (_, signed) => signText(method, signed, key) },
      );
      const transforms = [envelopedSignature, canonicalizationAlgorithm];
      made.addReference({ xpath: '/*', isEmptyUri: true, transforms, digestAlgorithm: sha512 });
      made.computeSignature(root, { prefix: 's' });
      const [before = '', after = ''] = root.split('</alert>');
      const bare = made.getSignatureXml().replace(/ xmlns:s="[^"]*"/, '');
      assert.doesNotMatch(bare, /xmlns/);
      assert.equal(judged(`${before}${bare}</alert>${after}`, ecdsa).state, 'verified');
    }
  });

  it('of a sample from elsewhere is judged as it is', { skip: noData }, () => {
    assert.deepEqual(outcome(judged(beside('canada_signed.cap'), ecdsa)), [
      'not-verifiable',
      'several-signatures',
    ]);
    const text = fromUtf8(beside('canada_signed.cap'));
    const own = text.replace(/<Signature Id="NAADS[\s\S]*?<\/Signature>(?=<Signature)/, '');
    assert.deepEqual(outcome(judged(own, ecdsa)), ['not-verifiable', 'other-form']);
  });
});

describe('signing', () => {
  const fails = (work: () => unknown, detail: RegExp) =>
    assert.throws(
      work,
      (error) => error instanceof Refusal && error.code === 'cap.signing' && detail.test(error.detail ?? ''),
    );

  it('fails rather than let something out unsigned', () => {
    fails(() => signerOf(rsa.certificate, ecdsa.key), /not the one of the certificate/);
    fails(() => signerOf(rsa.certificate, 'no key'), /PEM/);
    const ended = makeCertificate({ until: '2026-05-01T11:59:59Z' });
    fails(() => signedBy(ended), /ended/);
    fails(() => signedBy(makeCertificate({ from: '2026-05-01T12:00:01Z' })), /early/);
    fails(() => signedBy(ecdsa, signedBy(ecdsa)), /already/);
    for (const input of [utf8('<a/>'), utf8('nothing'), utf8(fromUtf8(bytes).replace(/<scope>.*\n/, ''))])
      fails(() => signedBy(ecdsa, input), /^/);
  });

  it('never quotes the key', () => {
    const key = ecdsa.key.replace('\n-----END', 'A\n-----END');
    assert.throws(
      () => signerOf(ecdsa.certificate, key),
      (error) => error instanceof Refusal && error.cause === undefined,
    );
  });
});

describe('the end of a certificate', () => {
  const certificate = new X509Certificate(makeCertificate({ until: '2026-06-30T12:00:00Z' }).certificate);
  const at = (text: string) => {
    const { state, daysLeft } = validityOf(certificate, Date.parse(text));
    return [state, daysLeft];
  };

  it('is announced thirty days before', () => {
    assert.deepEqual(at('2025-12-31T23:59:59Z'), ['early', 180]);
    assert.deepEqual(at('2026-05-31T11:59:59Z'), ['current', 30]);
    assert.deepEqual(at('2026-05-31T12:00:00Z'), ['ends-soon', 30]);
    assert.deepEqual(at('2026-06-30T00:00:00Z'), ['ends-soon', 0]);
    assert.deepEqual(at('2026-06-30T12:00:01Z'), ['ended', 0]);
    assert.equal(validityOf(certificate, now).until, Date.parse('2026-06-30T12:00:00Z'));
  });

  it('does not unmake what was signed before, and is told', () => {
    const verdict = verifyCap(signedBy(ecdsa), pin(ecdsa), Date.parse('2040-01-01T00:00:00Z'));
    assert.ok(verdict.state === 'verified' && !verdict.current);
  });
});
