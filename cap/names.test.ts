import assert from 'node:assert/strict';
import { it } from 'node:test';
import { alert as alertShape } from './message.ts';
import { codeOf, identifierOf, parameterName, parameters, senderOf } from './names.ts';
import { check } from './rules.ts';
import { inEnglish, sample } from './testing/sample.ts';

it('names that a centre makes can be referred to, and keep the rules', () => {
  const origin = 'centre.example';
  const message = sample({
    identifier: identifierOf('7f3a9a52-3c2e-4d1b-9d0e-5a1c2b3d4e5f'),
    sender: senderOf('a'.repeat(64), origin),
    code: [codeOf(origin)],
    info: [
      {
        ...inEnglish,
        parameter: parameters.map((name) => ({ valueName: parameterName(origin, name), value: 'x' })),
      },
    ],
  });
  assert.deepEqual(check(alertShape.parse(message)), []);
  assert.equal(message.sender, `${'a'.repeat(64)}@centre.example`);
  assert.equal(parameterName(origin, 'tlp'), 'urn:parley:cap:1.0:centre.example:tlp');
  // Atom asks for an IRI as the id of an entry (RFC 4287, 4.2.6).
  assert.equal(URL.canParse(message.identifier), true);
});
