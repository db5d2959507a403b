import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { it } from 'node:test';
import fc from 'fast-check';
import { seedFromEnvironment } from '../interop/testing/chance.ts';
import { signerOf } from './certificate.ts';
import { hasErrors } from './findings.ts';
import { examine, readCap } from './read.ts';
import { check } from './rules.ts';
import { signCap } from './sign.ts';
import { noData, schemaFaults } from './testing/beside.ts';
import { makeCertificate } from './testing/certificates.ts';
import { messages } from './testing/messages.ts';
import { verifyCap } from './verify.ts';
import { writeCap } from './write.ts';

const seed = seedFromEnvironment();
const by = `(PARLEY_SEED=${seed})`;

it(`what is written comes back as it was, and keeps the rules ${by}`, () => {
  fc.assert(
    fc.property(messages, (message) => {
      const bytes = writeCap(message);
      const { alert, findings } = examine(bytes);
      assert.deepEqual(alert, message);
      assert.deepEqual(findings, []);
      assert.equal(hasErrors(check(message)), false);
      assert.deepEqual(writeCap(readCap(bytes)), bytes);
    }),
    { seed, numRuns: 60 },
  );
});

it(`what is written passes the schema of OASIS, signed or not ${by}`, { skip: noData }, async () => {
  const made = makeCertificate();
  const signer = signerOf(made.certificate, made.key);
  const now = Date.parse('2026-05-01T12:00:00Z');
  const written = fc.sample(messages, { seed, numRuns: 25 }).map((message) => writeCap(message));
  const signed = written.slice(0, 5).map((bytes) => signCap(bytes, signer, now));
  assert.deepEqual(await schemaFaults([...written, ...signed]), []);
});

it(`what is signed verifies, and says the same ${by}`, () => {
  const made = makeCertificate();
  const signer = signerOf(made.certificate, made.key);
  const pinned = [{ name: 'own', certificate: new X509Certificate(made.certificate) }];
  const now = Date.parse('2026-05-01T12:00:00Z');
  fc.assert(
    fc.property(messages, (message) => {
      const verdict = verifyCap(signCap(writeCap(message), signer, now), pinned, now);
      assert.ok(verdict.state === 'verified');
      assert.deepEqual(readCap(verdict.signed), message);
    }),
    { seed, numRuns: 10 },
  );
});
