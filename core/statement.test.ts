import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { harbour, header, room, signed } from '../tools/vectors/cast.ts';
import { readVectors, runVectors } from '../tools/vectors/read.ts';
import { base64, concat, utf8 } from './bytes.ts';
import { verifyEd25519 } from './ed25519.ts';
import { Refusal } from './errors.ts';
import { uuid } from './fields.ts';
import type { Json } from './json.ts';
import { publicKeyFrom } from './keys.ts';
import {
  type AnyHeader,
  envelopeJson,
  maxHeaderBytes,
  parseStatement,
  roomId,
  signedBytes,
  signHeader,
  statementType,
  uuidFrom,
} from './statement.ts';

interface StatementVector {
  readonly envelope: Json;
  readonly key: string;
}

runVectors<StatementVector>('statements/statements.json', async ({ envelope: value, key }) => {
  const { envelope } = parseStatement(value);
  await verifyEd25519(publicKeyFrom(key), signedBytes(envelope.payload), envelope.signature);
});

const [usual] = readVectors<StatementVector>('statements/statements.json');
const leave = header('room.leave/1', harbour, {}, { room }) as unknown as AnyHeader;

test('what was signed is read as it was said', async () => {
  const envelope = await signHeader(leave, harbour);
  const read = parseStatement({ ...envelope });
  assert.deepEqual(read.header, leave);
  assert.deepEqual(envelopeJson(read.envelope), envelope);
  assert.deepEqual(envelope, usual?.envelope);
});

test('a header holds 64 KiB and not one byte more', () => {
  const sized = (size: number): Json => {
    const payload = concat(utf8('{"a":"'), new Uint8Array(size - 8).fill(0x61), utf8('"}'));
    return {
      payload: base64(payload),
      payloadType: statementType,
      signatures: [{ keyid: '', sig: base64(new Uint8Array(64)) }],
    };
  };
  assert.throws(() => parseStatement(sized(maxHeaderBytes)), { code: 'header.malformed' });
  assert.throws(() => parseStatement(sized(maxHeaderBytes + 1)), { code: 'header.too-large' });
});

test('no changed byte of a payload keeps the signature', async () => {
  const read = parseStatement({ ...(await signed(leave, harbour)) });
  const { payload, signature } = read.envelope;
  const place = fc.nat({ max: payload.length - 1 });
  await fc.assert(
    fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (i, flip) => {
      const other = payload.map((byte, n) => (n === i ? byte ^ flip : byte));
      await assert.rejects(verifyEd25519(harbour.publicKey, signedBytes(other), signature), {
        code: 'signature.invalid',
      });
    }),
  );
});

test('whatever JSON comes, the answer is a statement or a refusal', () => {
  const field = fc.constantFrom(...Object.keys(leave));
  fc.assert(
    fc.property(field, fc.jsonValue(), (name, value) => {
      const payload = base64(utf8(JSON.stringify({ ...leave, [name]: value })));
      const signatures = [{ keyid: harbour.device, sig: base64(new Uint8Array(64)) }];
      try {
        parseStatement({ payload, payloadType: statementType, signatures });
      } catch (error) {
        assert.ok(error instanceof Refusal, String(error));
      }
    }),
    { numRuns: 500 },
  );
});

test('ids made from a hash look random, and each cause has its own', () => {
  const ids = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(ids, ids, (a, b) => {
      assert.ok(uuid.safeParse(uuidFrom(utf8(a))).success);
      assert.equal(uuidFrom(utf8(a)) === uuidFrom(utf8(b)), a === b);
    }),
  );
  const ref = { party: harbour.device, id: leave.id };
  assert.equal(roomId(ref), uuidFrom(utf8(`parley/room/v1\n${ref.party}\n${ref.id}`)));
});
