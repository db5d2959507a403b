import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromUtf8, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { AlertInput } from './message.ts';
import { readCap } from './read.ts';
import { beside, noData, schemaFaults } from './testing/beside.ts';
import { area, inEnglish, inFrench, sample } from './testing/sample.ts';
import { writeCap } from './write.ts';

const text = (input: AlertInput) => fromUtf8(writeCap(input));
const one = (changes: object) => sample({ info: [{ ...inEnglish, ...changes }] });

function refused(input: AlertInput): Refusal {
  try {
    writeCap(input);
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error;
  }
  assert.fail('written');
}

describe('what is written', () => {
  it('has the same bytes each time, whatever order the words were given in', () => {
    const turned = Object.fromEntries(Object.entries(sample()).reverse()) as AlertInput;
    assert.equal(text(turned), text(sample()));
  });

  it('has the elements in the order of the schema, and one block a language', () => {
    const names = [...text(sample()).matchAll(/^ {2}<(\w+)/gm)].map(([, name]) => name);
    assert.deepEqual(names, [
      'identifier',
      'sender',
      'sent',
      'status',
      'msgType',
      'scope',
      'code',
      'info',
      'info',
    ]);
    assert.equal(
      refused(sample({ info: [inEnglish, { ...inFrench, language: 'EN' }] })).params.rule,
      'language.twice',
    );
  });

  it('has latitude before longitude, and no exponents', () => {
    assert.match(text(sample()), /<polygon>49\.6,6\.1 49\.6,6\.2 49\.7,6\.2 49\.6,6\.1<\/polygon>/);
    assert.match(text(sample()), /<circle>49\.61,6\.13 2\.5<\/circle>/);
    const tiny = {
      ...area,
      polygon: [],
      circle: [{ center: [-0.0000001, 1e-10] as [number, number], radius: 1 }],
    };
    assert.match(text(one({ area: [tiny] })), /<circle>0\.0000000001,-0\.0000001 1<\/circle>/);
  });

  it('holds every text that XML can hold, and brings it back', () => {
    const strange = ' a<5 & "b"\r\n\t]]> é 😀 \u0085\u2028 ';
    const written = text(one({ description: strange }));
    assert.match(written, /&#xD;\n.*&#x85;&#x2028;/);
    assert.equal(readCap(utf8(written)).info[0]?.description, strange);
    // What looks like a reference is text.
    const value = '&lt;b&gt; &amp; &copy; &#60; & &';
    const again = readCap(utf8(text(one({ parameter: [{ valueName: 'a', value }] }))));
    assert.equal(again.info[0]?.parameter[0]?.value, value);
  });

  it('names what holds spaces in quotes', () => {
    const addresses = ['a@x.example', 'Ministry of the Interior'];
    const written = text(sample({ scope: 'Private', addresses }));
    assert.match(written, /<addresses>a@x\.example "Ministry of the Interior"<\/addresses>/);
    assert.deepEqual(readCap(utf8(written)).addresses, addresses);
  });

  it('refers by sender, identifier and the very text of sent', () => {
    const references = [{ sender: 'a', identifier: 'b', sent: '2026-05-01T11:00:00+00:00' }];
    const written = text(sample({ msgType: 'Update', references }));
    assert.match(written, /<references>a,b,2026-05-01T11:00:00\+00:00<\/references>/);
  });

  it('passes the schema of OASIS', { skip: noData }, async () => {
    const cancel = sample({
      msgType: 'Cancel',
      references: [{ sender: 'a', identifier: 'b', sent: '2026-05-01T11:00:00+00:00' }],
      info: [],
    });
    const full = sample({
      source: 'desk',
      scope: 'Restricted',
      restriction: 'TLP:AMBER',
      addresses: ['a b', 'c'],
      note: 'a note',
      incidents: ['x y', 'z'],
      info: [
        {
          ...inEnglish,
          onset: '2026-05-01T15:00:00-00:00',
          audience: 'All',
          eventCode: [{ valueName: 'a', value: '' }],
          resource: [
            {
              resourceDesc: 'map',
              mimeType: 'image/png',
              size: 3,
              uri: 'map.png',
              derefUri: 'AAAA',
              digest: '0'.repeat(40),
            },
          ],
          area: [{ ...area, altitude: -1.5, ceiling: 3000 }],
        },
      ],
    });
    assert.deepEqual(await schemaFaults([sample(), cancel, full].map((input) => writeCap(input))), []);
    assert.notDeepEqual(await schemaFaults([beside('invalid.cap')]), []);
  });
});

describe('what is not written', () => {
  it('has characters that XML cannot hold', () => {
    for (const character of ['\0', '\u0001', '\u001F', '\uFFFE', '\uD800'])
      assert.equal(refused(one({ description: `a${character}` })).code, 'cap.malformed');
  });

  it('is no message of CAP', () => {
    const { code, at } = refused(sample({ status: 'Real' as 'Actual' }));
    assert.deepEqual([code, at], ['cap.malformed', '/alert/status']);
    assert.equal(refused(one({ headline: '  ' })).at, '/alert/info/0/headline');
    assert.equal(refused(sample({ sent: '2026-05-01T12:00:00Z' })).at, '/alert/sent');
    assert.equal(refused(one({ colour: 'red' })).code, 'cap.malformed');
  });

  it('breaks a rule', () => {
    const { code, at, params } = refused(sample({ identifier: 'a,b' }));
    assert.deepEqual([code, at, params.rule], ['cap.rule', '/alert/identifier', 'identifier']);
  });

  it('spells UTC as others may', () => {
    assert.equal(refused(sample({ sent: '2026-05-01T12:00:00+00:00' })).params.rule, 'utc');
    assert.ok(text(sample({ sent: '2026-05-01T12:00:00-00:00' })));
  });
});
