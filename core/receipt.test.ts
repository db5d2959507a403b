import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readVectors, runVectors } from '../tools/vectors/read.ts';
import { utf8 } from './bytes.ts';
import type { Trust } from './checkpoint.ts';
import { Refusal } from './errors.ts';
import { parseVkey } from './note.ts';
import { parseReceipt, type ReceiptJson, receiptJson, type Verified, verifyReceipt } from './receipt.ts';

interface ReceiptVector {
  readonly receipt: ReceiptJson;
  readonly trust: {
    readonly origin: string;
    readonly logs: readonly string[];
    readonly witnesses: readonly string[];
  };
  readonly party: string;
  readonly shown?: readonly number[];
  readonly cosigned?: number;
}

const trustOf = ({ origin, logs, witnesses }: ReceiptVector['trust']): Trust => ({
  origin,
  logs: logs.map(parseVkey),
  witnesses: witnesses.map(parseVkey),
});

function verify({ receipt, trust, party }: ReceiptVector): Promise<Verified> {
  return verifyReceipt(parseReceipt(utf8(JSON.stringify(receipt))), trustOf(trust), party);
}

runVectors<ReceiptVector>('receipt/receipts.json', async (vector) => {
  const verified = await verify(vector);
  assert.deepEqual(verified.parts, vector.shown);
  assert.equal(verified.checkpoint.cosigned.length, vector.cosigned);
  assert.deepEqual(receiptJson(parseReceipt(utf8(JSON.stringify(vector.receipt)))), vector.receipt);
});

test('no changed character of a receipt proves anything else', async () => {
  const vector = readVectors<ReceiptVector>('receipt/receipts.json').find(
    ({ name }) => name === 'a single part',
  );
  assert.ok(vector);
  const text = JSON.stringify(vector.receipt);
  const before = JSON.stringify(await verify(vector));
  const place = fc.nat({ max: text.length - 1 });
  await fc.assert(
    fc.asyncProperty(place, fc.constantFrom(...'Aa0+/="\\ {'), async (i, character) => {
      const changed = text.slice(0, i) + character + text.slice(i + 1);
      try {
        const receipt = parseReceipt(utf8(changed));
        assert.equal(
          JSON.stringify(await verifyReceipt(receipt, trustOf(vector.trust), vector.party)),
          before,
        );
      } catch (error) {
        assert.ok(error instanceof Refusal, String(error));
      }
    }),
    { numRuns: 400 },
  );
});
