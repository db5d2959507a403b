import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runVectors } from '../tools/vectors/read.ts';
import { utf8 } from './bytes.ts';
import { Refusal } from './errors.ts';
import { parseStix } from './stix.ts';

runVectors<{ object: unknown; version?: string }>('parts/objects.json', ({ object, version }) => {
  const found = parseStix(utf8(JSON.stringify(object)), '/parts/0');
  assert.equal(found.version, version);
});

test('whatever JSON comes, the answer is an object or a refusal', () => {
  const id = fc.constantFrom('url--c1477287-23ac-5971-a010-5c287877fa60', 'url--x', '', 7);
  const object = fc.record(
    {
      type: fc.oneof(fc.constant('url'), fc.jsonValue()),
      id,
      created: fc.jsonValue(),
      object_marking_refs: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), object), (value) => {
      try {
        const { type, id: found } = parseStix(utf8(JSON.stringify(value)), '/parts/0');
        assert.ok(found.startsWith(`${type}--`));
      } catch (error) {
        assert.ok(error instanceof Refusal, String(error));
      }
    }),
  );
});
