import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runVectors } from '../tools/vectors/read.ts';
import { checkVectorHeader, handlingHeader } from '../tools/vectors/wire.ts';
import { type Bytes, utf8 } from './bytes.ts';
import { classifications } from './classification.ts';
import { Refusal } from './errors.ts';
import { checkHandling, type Handling, handlingSchema, papLabels, tlpLabels } from './handling.ts';
import { checkAllMarkings } from './markings.ts';
import { isShippedPurpose, publicInformation, purposes } from './purposes.ts';
import { parseStix } from './stix.ts';

runVectors<{ handling: Handling }>('handling/handlings.json', ({ handling }) =>
  checkVectorHeader(handlingHeader(handling)),
);

runVectors<{ object: unknown; beside?: unknown[]; handling: Handling }>(
  'handling/markings.json',
  ({ object, beside = [], handling }) => {
    const objects = [object, ...beside].map((value, n) => {
      const bytes: Bytes = utf8(JSON.stringify(value));
      return parseStix(bytes, `/parts/${n}`);
    });
    checkAllMarkings(objects, handling);
  },
);

const party = fc.constantFrom('a'.repeat(64), 'b'.repeat(64));
const audience = fc.oneof(
  fc.constantFrom('room' as const, 'public' as const),
  fc.record({ parties: fc.uniqueArray(party, { minLength: 1 }) }),
);
const someTime = fc.option(fc.constantFrom('2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'));
const anyHandling: fc.Arbitrary<Handling> = fc.record<Handling>({
  classification: fc.constantFrom(...classifications),
  pap: fc.constantFrom(...papLabels),
  to: audience,
  purposes: fc.uniqueArray(fc.constantFrom(publicInformation, 'cyber-defence'), { minLength: 1 }),
  onward: fc.constantFrom('never', 'ask', 'room'),
  until: someTime,
  review: someTime,
  tlp: fc.constantFrom(...tlpLabels),
  personal: fc.constantFrom(false as const, [{ category: 'victim' as const, nature: 'fact' as const }]),
});

function holds(handling: Handling): boolean {
  try {
    checkHandling(handling);
    return true;
  } catch (error) {
    assert.ok(error instanceof Refusal && error.code === 'handling.contradiction');
    return false;
  }
}

test('what holds never says two things', () => {
  fc.assert(
    fc.property(anyHandling.filter(holds), (handling) => {
      assert.ok(handlingSchema.safeParse(handling).success);
      const { to, tlp, onward, personal, classification, pap, purposes: named } = handling;
      if (to === 'public') assert.ok(tlp === 'clear' && !personal && named.includes(publicInformation));
      if (to === 'public') assert.ok(classification === 'unclassified' && pap === 'clear');
      if (tlp === 'clear') assert.equal(classification, 'unclassified');
      if (tlp === 'red') assert.ok(typeof to === 'object' && onward !== 'room');
      if (tlp === 'amber+strict') assert.ok(to !== 'public' && onward !== 'room');
    }),
    { numRuns: 1_000 },
  );
});

test('narrowing the label of what is not public to amber, asked each time, is never a contradiction', () => {
  fc.assert(
    fc.property(anyHandling.filter(holds), (handling) => {
      if (handling.to === 'public') return;
      assert.ok(holds({ ...handling, tlp: 'amber', onward: 'ask' }));
    }),
  );
});

test('each shipped purpose has an id of the right form, titles and a basis', () => {
  assert.equal(new Set(purposes.map(({ id }) => id)).size, purposes.length);
  for (const { id, title, basis } of purposes) {
    assert.ok(handlingSchema.shape.purposes.safeParse([id]).success && !id.startsWith('x-'), id);
    assert.ok(title.en !== '' && title.de !== '' && title.fr !== '' && basis !== '', id);
    assert.ok(isShippedPurpose(id));
  }
  assert.equal(isShippedPurpose('x-evacuation'), false);
});
