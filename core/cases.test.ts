import assert from 'node:assert/strict';
import { test } from 'node:test';
import { caseKey, casesIn, caseText, maxCases } from './cases.ts';
import { Refusal } from './errors.ts';
import { parseStix } from './stix.ts';

const stix = (references: unknown) =>
  new TextEncoder().encode(
    JSON.stringify({
      type: 'note',
      id: 'note--00000000-0000-4000-8000-000000000001',
      external_references: references,
    }),
  );
const named = (external_id: unknown, source_name = 'case') => ({ source_name, external_id });

test('references that people would call the same are one', () => {
  for (const text of ['2026/0815-a', ' 2026/0815-A ', '２０２６/0815-A'])
    assert.equal(caseKey(text), '2026/0815-a');
  assert.equal(caseKey('Case\t 7'), 'case 7');
  assert.equal(caseText.safeParse(' ').success, false);
  assert.equal(caseText.safeParse('x'.repeat(201)).success, false);
});

test('an object names cases by its external references, each once', () => {
  const references = [
    named('A 1'),
    named('a  1'),
    named('CVE-1', 'cve'),
    named(7),
    { source_name: 'case' },
    3,
  ];
  assert.deepEqual(parseStix(stix(references), '/parts/0').cases, ['a 1']);
  assert.deepEqual(parseStix(stix(undefined), '/parts/0').cases, []);
});

test('too many, too long, or none in the name: refused at its place', () => {
  const refused = (references: unknown, at: string) =>
    assert.throws(
      () => parseStix(stix(references), '/parts/0'),
      (error: unknown) => error instanceof Refusal && error.code === 'stix.malformed' && error.at === at,
    );
  refused([named('A'), named('x'.repeat(201))], '/parts/0/external_references/1/external_id');
  refused([named(' ')], '/parts/0/external_references/0/external_id');
  refused(
    Array.from({ length: maxCases + 1 }, (_, i) => named(`${i}`)),
    '/parts/0/external_references',
  );
});

test('a reason names cases beside its words', () => {
  assert.deepEqual(casesIn({ reason: 'x', cases: ['B 2', 'b 2'] }), ['b 2']);
  for (const part of [null, {}, { cases: [] }, { cases: 'B' }]) assert.deepEqual(casesIn(part), []);
});
