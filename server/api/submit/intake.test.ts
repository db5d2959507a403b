import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { utf8 } from '@parley/core/bytes.ts';
import { formatPart } from '@parley/core/parts.ts';
import { envelopeJson } from '@parley/core/statement.ts';
import { Fake, partOfText } from '../testing/fake.ts';
import { readSubmission } from './body.ts';
import { Intake } from './intake.ts';

const kib = 1024;
const full = { code: 'queue.full' };

function pieces(bytes: Uint8Array, size: number): Readable {
  const all = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
  return Readable.from(all, { objectMode: false });
}

describe('what is taken in at once', () => {
  it('is bounded over all who send, and free again once they are answered', () => {
    const intake = new Intake(100 * kib);
    const [one, two] = [intake.hold(), intake.hold()];
    one.take(96 * kib);
    two.take(36 * kib);
    assert.throws(() => two.take(1), full);
    one.end();
    two.take(80 * kib);
    assert.throws(() => intake.hold().take(17 * kib), full);
    one.end();
    two.end();
    intake.hold().take(116 * kib);
  });

  it('leaves the way free for what is short, such as a recall', () => {
    const intake = new Intake(0);
    for (let i = 0; i < 1_000; i++) intake.hold().take(16 * kib);
    assert.throws(() => intake.hold().take(16 * kib + 1), full);
  });

  it('is not filled by one address', () => {
    const intake = new Intake(100 * kib);
    const slow = intake.hold('2001:db8::');
    slow.take(41 * kib);
    assert.throws(() => intake.hold('2001:db8::').take(17 * kib), full);
    intake.hold('192.0.2.1').take(41 * kib);
    slow.end();
    intake.hold('2001:db8::').take(41 * kib);
  });

  it('counts a body as it comes in, and not after it is answered', async () => {
    const fake = await Fake.open();
    const part = partOfText(`{"x":"${'y'.repeat(200 * kib)}"}`);
    const { statement } = await fake.share([part]);
    const body = Buffer.concat([
      utf8(`${JSON.stringify(envelopeJson(statement.envelope))}\n`),
      formatPart(part),
    ]);
    const intake = new Intake(250 * kib);
    const first = intake.hold();
    await readSubmission(pieces(body, 4 * kib), first);
    const second = intake.hold();
    await assert.rejects(readSubmission(pieces(body, 4 * kib), second), full);
    second.end();
    first.end();
    await readSubmission(pieces(body, 4 * kib), intake.hold());
  });

  it('takes a line that comes byte by byte', async () => {
    const fake = await Fake.open();
    const part = partOfText(`{"x":"${'y'.repeat(130_000)}"}`);
    const { statement } = await fake.share([part]);
    const body = Buffer.concat([
      utf8(`${JSON.stringify(envelopeJson(statement.envelope))}\n`),
      formatPart(part),
    ]);
    const { parts } = await readSubmission(pieces(body, 1));
    assert.deepEqual(parts, [part]);
  });
});
