import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromUtf8, utf8 } from '@parley/core/bytes.ts';
import fc from 'fast-check';
import { objectsIn } from './share-input.ts';
import { refused } from './testing/scene.ts';

async function split(text: string, size = 1 << 16): Promise<string[]> {
  const bytes = utf8(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
  const list: string[] = [];
  for await (const object of objectsIn(chunks)) list.push(fromUtf8(object));
  return list;
}

const a = '{"type":"x", "name":"a]}\\\\\\"{["}';
const b = '{\n "n": {"objects": [ {} ]} }';

test('each form gives its objects byte for byte', async () => {
  const forms = [
    `{"type":"bundle","id":"bundle--1","objects":[${a}, ${b}]}`,
    `{"id":"b","objects" : [ ${a},${b} ] ,"x":[1,{"objects":[]}],"type":"bundle"}\n`,
    `[${a},${b}]`,
    `${a}\n${b}`,
    `\ufeff${a}\r\n\r\n${b}\r\n`,
    `{"type":"bundle","objects":[${a}]}\n{"type":"bundle","objects":[${b}]}`,
  ];
  for (const form of forms) assert.deepEqual(await split(form), [a, b]);
  for (const size of [1, 2, 3, 7])
    for (const form of forms.slice(0, 4)) assert.deepEqual(await split(form, size), [a, b]);
});

test('nothing, an empty bundle, an object with objects of its own', async () => {
  for (const none of ['', ' \n', '[]', '[ ]', '{"type":"bundle"}', '{"type":"bundle","objects":[]}'])
    assert.deepEqual(await split(none), []);
  const observed = '{"type":"observed-data","objects":{"0":{}}}';
  assert.deepEqual(await split(observed), [observed]);
  const own = '{"type":"x-own","objects":[1,2]}';
  assert.deepEqual(await split(own), [own]);
  assert.deepEqual(await split('{}'), ['{}']);
  // A name may be spelt with an escape.
  assert.deepEqual(await split(`{"type":"bundle","\\u006fbjects":[${a}]}`), [a]);
  assert.deepEqual(await split(`{"\\u0074ype":"bundle"}`), []);
});

test('what is not JSON is refused at its place', async () => {
  const wrong = [
    'x',
    '1',
    '[1]',
    `[${a} ${b}]`,
    `[${a},]`,
    `[${a}`,
    '{"type":"bundle","objects":[',
    '{"a":1',
    '{"a"',
    '{"a":}',
    '{,}',
    ']',
    '[,]',
  ];
  for (const text of wrong) await assert.rejects(split(text), refused('json.malformed'), text);
  await assert.rejects(split('{"objects":[{}],"type":"report"}'), refused('stix.malformed'));
  await assert.rejects(split('{"objects":[{}]}'), refused('stix.malformed'));
});

test('one value cannot fill the memory', async () => {
  function* endless() {
    yield utf8('[{"a":"');
    for (;;) yield new Uint8Array(1 << 16).fill(0x61);
  }
  await assert.rejects(async () => {
    for await (const _ of objectsIn(endless()));
  }, refused('parts.too-large'));
});

test('any bundle, in any chunks', async () => {
  const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(objects, fc.integer({ min: 1, max: 40 }), fc.boolean(), async (list, size, pretty) => {
      const space = pretty ? 2 : 0;
      const texts = list.map((object) => JSON.stringify(object, null, space));
      assert.deepEqual(await split(`{"type":"bundle","objects":[${texts.join(',')}]}`, size), texts);
      assert.deepEqual(
        await split(JSON.stringify(list, null, 0), size),
        list.map((object) => JSON.stringify(object)),
      );
    }),
    { numRuns: 100 },
  );
});
