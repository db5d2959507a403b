import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { fromUtf8, utf8 } from '@parley/core/bytes.ts';
import { signerOf } from './certificate.ts';
import { judge } from './judge.ts';
import { shipped } from './profiles.ts';
import { receiveCap } from './receive.ts';
import { signCap } from './sign.ts';
import { makeCertificate } from './testing/certificates.ts';
import { sample } from './testing/sample.ts';
import { writeCap } from './write.ts';

const now = Date.parse('2026-05-01T12:00:00Z');
const made = makeCertificate();
const pinned = [{ name: 'police', certificate: new X509Certificate(made.certificate) }];
const bytes = writeCap(sample());
const signed = signCap(bytes, signerOf(made.certificate, made.key), now);

describe('a message from elsewhere', () => {
  it('is judged by rules and profiles, each with its line', () => {
    const text = fromUtf8(bytes)
      .replace(/ {4}<contact>.*\n/, '')
      .replace('49.61,6.13 2.5', '49.61 6.13')
      .replace('https://police', 'police');
    const { alert, findings } = judge(utf8(text), [shipped.base]);
    assert.equal(alert?.info.length, 2);
    assert.deepEqual(
      findings.map(({ rule, at }) => [rule, at.path, at.line]),
      [
        ['circle', '/alert/info[1]/area[1]/circle[1]', 33],
        ['web', '/alert/info[1]/web', 25],
        ['base/contact', '/alert/info[1]', 10],
      ],
    );
  });

  it('is what its signature is over', () => {
    const { alert, findings, verdict } = receiveCap(signed, pinned, now, [shipped.base]);
    assert.equal(verdict.state, 'verified');
    assert.deepEqual(findings, []);
    assert.deepEqual(alert, judge(bytes).alert);
    // Comments are not signed, and tell nothing.
    const commented = utf8(fromUtf8(signed).replace('48 hours', '48<!-- --> hours'));
    assert.equal(
      receiveCap(commented, pinned, now).alert?.info[0]?.headline,
      'Avoid large gatherings for 48 hours',
    );
    assert.equal(receiveCap(commented, pinned, now).verdict.state, 'verified');
  });

  it('is shown with what is said of its signature, whatever that is', () => {
    const seen = (input: Uint8Array) => {
      const { alert, verdict } = receiveCap(input, pinned, now);
      return [alert !== undefined, verdict.state];
    };
    assert.deepEqual(seen(bytes), [true, 'not-verifiable']);
    assert.deepEqual(seen(utf8(fromUtf8(signed).replace('48 hours', '24 hours'))), [true, 'broken']);
    assert.deepEqual(seen(utf8(fromUtf8(bytes).replace(/<scope>.*\n/, ''))), [false, 'not-verifiable']);
  });
});
