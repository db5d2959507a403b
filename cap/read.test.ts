import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromUtf8, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { located } from './findings.ts';
import { alert as alertShape } from './message.ts';
import { examine, readCap } from './read.ts';
import { check } from './rules.ts';
import { inEnglish, sample } from './testing/sample.ts';
import { writeCap } from './write.ts';

const valid = fromUtf8(writeCap(sample({ info: [inEnglish] })));
const changed = (from: string | RegExp, to: string) => {
  const text = valid.replace(from, to);
  assert.notEqual(text, valid, `nothing to change: ${from}`);
  return examine(utf8(text));
};
const rulesOf = (from: string | RegExp, to: string) =>
  changed(from, to).findings.map(({ rule, at }) => [rule, at.path, at.line]);

function code(text: string): string {
  try {
    examine(utf8(text));
  } catch (error) {
    assert.ok(error instanceof Refusal);
    return error.code;
  }
  assert.fail('taken');
}

describe('what is read', () => {
  it('is what was written', () => {
    assert.deepEqual(readCap(utf8(valid)), alertShape.parse(sample({ info: [inEnglish] })));
    assert.deepEqual(examine(utf8(valid)).findings, []);
  });

  it('is the same with prefixed names', () => {
    const prefixed = valid
      .replace(/<(\/?)(?=[a-z])/gi, '<$1cap:')
      .replace('xmlns=', 'xmlns:cap=')
      .replace('<?cap:xml', '<?xml');
    assert.match(prefixed, /<cap:identifier>/);
    assert.deepEqual(readCap(utf8(prefixed)), readCap(utf8(valid)));
  });

  it('keeps texts as they are, and no others than texts', () => {
    const { alert } = changed('>TLP:CLEAR<', '>0012<');
    assert.equal(alert?.info[0]?.parameter[0]?.value, '0012');
    assert.equal(changed('Old town of Exempel', '1e5').alert?.info[0]?.area[0]?.areaDesc, '1e5');
    assert.equal(
      changed('Old town of Exempel', '<![CDATA[ <b>\n]]>').alert?.info[0]?.area[0]?.areaDesc,
      ' <b>\n',
    );
  });

  it('forgives line breaks in codes and polygons', () => {
    const { alert, findings } = changed('49.6,6.1 49.6,6.2', '\n   49.6,6.1\n\t 49.6,6.2\r\n ');
    assert.deepEqual(findings, []);
    assert.deepEqual(alert?.info[0]?.area[0]?.polygon, readCap(utf8(valid)).info[0]?.area[0]?.polygon);
    assert.deepEqual(changed(/<code>[^<]*/, '<code>\n  profile:CAP-CP:0.4\n  ').alert?.code, [
      'profile:CAP-CP:0.4',
    ]);
  });

  it('takes +00:00 and -00:00, keeps which it was, and says what is right', () => {
    for (const [spelling, rules] of [
      ['-00:00', []],
      ['+00:00', ['utc']],
    ] as const) {
      const { alert } = changed('14:00:00+02:00</sent>', `12:00:00${spelling}</sent>`);
      assert.equal(alert?.sent, `2026-05-01T12:00:00${spelling}`);
      assert.deepEqual(
        check(alert).map(({ rule }) => rule),
        rules,
      );
    }
  });

  it('gives numbers in the order of GeoJSON', () => {
    const [area] = readCap(utf8(valid)).info[0]?.area ?? [];
    assert.deepEqual(area?.polygon[0]?.[1], [6.2, 49.6]);
    assert.deepEqual(area?.circle, [{ center: [6.13, 49.61], radius: 2.5 }]);
  });

  it('drops elements that say nothing, and only those that may be missing', () => {
    const { alert } = changed(
      '<scope>Public</scope>',
      '<scope>Public</scope><restriction/><addresses> </addresses>',
    );
    assert.deepEqual([alert?.restriction, alert?.addresses], [undefined, []]);
    assert.equal(changed('TLP:CLEAR', '').alert?.info[0]?.parameter[0]?.value, '');
  });

  it('reads names with spaces in quotes', () => {
    const { alert } = changed(
      '</scope>',
      '</scope><addresses>a@x.example "Ministry of the Interior"</addresses>',
    );
    assert.deepEqual(alert?.addresses, ['a@x.example', 'Ministry of the Interior']);
  });
});

describe('what the schema forbids', () => {
  const broken = [
    ['a missing element', /<scope>.*\n/, '', '/alert', 2],
    ['an element out of order', /(<status>.*\n)(.*<msgType>.*\n)/, '$2$1', '/alert/status', 7],
    ['an element twice', /(<scope>.*\n)/, '$1$1', '/alert/scope', 9],
    ['an unknown element', /<scope>/, '<colour/><scope>', '/alert/colour', 8],
    ['an element of another namespace', /<scope>/, '<a:code xmlns:a="urn:a"/><scope>', '/alert/code', 8],
    ['a value that is none', />Public</, '>public<', '/alert/scope', 8],
    ['spaces around a value', />Public</, '> Public <', '/alert/scope', 8],
    ['Z', '14:00:00+02:00</sent>', '12:00:00Z</sent>', '/alert/sent', 5],
    ['a fraction', '14:00:00+02:00</sent>', '14:00:00.5+02:00</sent>', '/alert/sent', 5],
    ['an empty time', /<expires>[^<]*/, '<expires>', '/alert/info[1]/expires', 20],
    ['a language that is none', '>en<', '>e_n<', '/alert/info[1]/language', 11],
    [
      'a number that is none',
      '</geocode>',
      '</geocode><altitude>1e3</altitude>',
      '/alert/info[1]/area[1]/altitude',
      38,
    ],
    ['an attribute', '<scope>', '<scope x="1">', '/alert/scope', 8],
    ['a text between elements', '<scope>', 'text<scope>', '/alert', 2],
    ['an element in a text', '>Public<', '><b/>Public<', '/alert/scope', 8],
    ['half a parameter', /<value>TLP.*\n/, '', '/alert/info[1]/parameter[1]', 27],
    [
      'anything after a signature',
      '</info>',
      '</info><s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#"/><info/>',
      '/alert/info',
      40,
    ],
  ] as const;
  for (const [what, from, to, path, line] of broken)
    it(`is found with its line: ${what}`, () => {
      const { alert, findings } = changed(from, to);
      assert.equal(alert, undefined);
      assert.deepEqual([findings[0]?.rule, findings[0]?.at], ['structure', { path, line }]);
    });

  it('is refused by those who want the message', () => {
    assert.throws(() => readCap(utf8(valid.replace(/<scope>.*\n/, ''))), {
      code: 'cap.malformed',
      at: '/alert, line 2',
    });
  });

  it('is all found at once', () => {
    const text = valid.replace('>Public<', '>x<').replace('>Severe<', '>y<');
    assert.deepEqual(
      examine(utf8(text)).findings.map(({ at }) => at.path),
      ['/alert/scope', '/alert/info[1]/severity'],
    );
  });

  it('is not where a schema lies, which is never followed', () => {
    const location =
      ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:a http://127.0.0.1/a.xsd"';
    assert.ok(changed(/(?<=cap:1.2")/, location).alert);
    assert.equal(
      changed('<scope>', '<scope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true">')
        .alert,
      undefined,
    );
  });
});

describe('what only the standard forbids', () => {
  it('is found in reading, and hides nothing else', () => {
    assert.deepEqual(rulesOf('</code>', '</code><references>nonsense</references>'), [
      ['references', '/alert/references', 9],
    ]);
    const two = changed('</code>', '</code><references>nonsense a,b,2026-05-01T12:00:00+00:00</references>');
    assert.deepEqual(two.alert?.references, [
      { sender: 'a', identifier: 'b', sent: '2026-05-01T12:00:00+00:00' },
    ]);
    assert.deepEqual(
      rulesOf('49.6,6.1 49.6,6.2', '49.6;6.1 49.6,6.2').map(([rule]) => rule),
      ['polygon'],
    );
    assert.deepEqual(
      rulesOf('49.61,6.13 2.5', '49.61,6.13').map(([rule]) => rule),
      ['circle'],
    );
    assert.deepEqual(
      rulesOf('<circle>', '<polygon/><circle>').map(([rule, path]) => [rule, path]),
      [['polygon', '/alert/info[1]/area[1]/polygon[2]']],
    );
  });

  it('is told with the line of what it is about, or of what it is missing from', () => {
    const { alert, places } = changed(/<expires>.*\n/, '');
    assert.ok(alert);
    assert.deepEqual(
      located(check(alert), places).map(({ rule, at }) => [rule, at.line]),
      [['expires', 10]],
    );
  });
});

describe('what is no CAP 1.2', () => {
  it('is refused before anything is read of it', () => {
    const older = valid.replace('cap:1.2', 'cap:1.1');
    assert.equal(code(older), 'cap.version');
    assert.throws(() => examine(utf8(older)), /it is CAP 1\.1/);
    assert.equal(code(valid.replace('xmlns=', 'xmlns:a=')), 'cap.version');
    assert.equal(code('<a/>'), 'cap.version');
    assert.equal(
      code(valid.replace('<alert', '<!DOCTYPE alert SYSTEM "http://127.0.0.1/x">\n<alert')),
      'xml.doctype',
    );
    assert.equal(code(`${valid}${' '.repeat(1024 * 1024)}`), 'xml.too-large');
  });
});
