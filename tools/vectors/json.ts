/** JSON as an attacker may write it. `text` where it is text, `hex` where it is not. */
import { bad, type Example, good } from './cast.ts';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

/** What both readers refuse alike. */
const broken: Example[] = [
  bad('nothing', 'json.malformed', '', { text: '' }),
  bad('two values', 'json.malformed', '', { text: '{} {}' }),
  bad('trailing comma', 'json.malformed', '', { text: '[1,]' }),
  bad('single quotes', 'json.malformed', '', { text: "{'a':1}" }),
  bad('comment', 'json.malformed', '', { text: '{}//' }),
  bad('NaN', 'json.malformed', '', { text: '[NaN]' }),
  bad('control character in a string', 'json.malformed', '', { text: '["a\u0007"]' }),
  bad('byte order mark', 'json.malformed', '', { hex: 'efbbbf7b7d' }),
  bad('overlong UTF-8', 'text.not-utf8', '', { hex: '5b22c0af225d' }),
  bad('UTF-8 of a surrogate', 'text.not-utf8', '', { hex: '5b22eda080225d' }),
  bad('UTF-8 cut off', 'text.not-utf8', '', { hex: '5b22e282' }),
  bad('lone high surrogate, escaped', 'text.lone-surrogate', '', { text: '["\\ud800"]' }),
  bad('lone low surrogate, escaped', 'text.lone-surrogate', '', { text: '{"a":["\\udc00"]}' }),
  bad('lone surrogate in a key', 'text.lone-surrogate', '', { text: '{"\\udfff":1}' }),
  bad('65 levels', 'json.too-deep', '', { text: nested(65) }),
  bad('10,000 levels', 'json.too-deep', '', { text: nested(10_000) }),
];

const plain: Example[] = [
  good('empty object', { text: '{}' }),
  good('number alone', { text: '1' }),
  good('64 levels', { text: nested(64) }),
  good('the same key in two objects', { text: '{"a":{"a":1},"b":{"a":2}}' }),
  good('a string that looks like a key', { text: '["a","a",{"a":"a"}]' }),
  good('characters beyond the first plane', { text: '{"a":"😀"}' }),
  good('the key __proto__', { text: '{"__proto__":1}' }),
];

export const partTexts: Example[] = [
  ...plain,
  good('white space', { text: ' {"a" : [ 1 ,\t2 ] } ' }),
  good('escapes', { text: '{"\\u0061":"\\/"}' }),
  good('a pair of escaped surrogates', { text: '"\\ud83d\\ude00"' }),
  good('a number that loses digits is kept as bytes', { text: '[1.000,12345678901234567890,1E2]' }),
  good('a quote and a bracket in a string', { text: '{ "a":"\\"}{" , "b":"\\\\" }' }),
  bad('duplicate key', 'json.duplicate-key', '', { text: '{"a":1,"a":1}' }),
  bad('duplicate key, one of them escaped', 'json.duplicate-key', '', { text: '{"a":1,"\\u0061":2}' }),
  bad('duplicate key, far apart', 'json.duplicate-key', '', { text: '{"a":{"x":[1,{}]} ,"b":"a","a" :2}' }),
  bad('duplicate key within', 'json.duplicate-key', '', { text: '[{"b":{"c":1,"c":2}}]' }),
  bad('duplicate __proto__', 'json.duplicate-key', '', { text: '{"__proto__":1,"__proto__":2}' }),
  ...broken,
];

const otherSpelling: readonly (readonly [string, string])[] = [
  ['white space', '{ }'],
  ['line feed at the end', '{}\n'],
  ['duplicate key', '{"a":1,"a":2}'],
  ['needless escape of a letter', '{"\\u0061":1}'],
  ['needless escape of a slash', '["\\/"]'],
  ['upper-case escape', '["\\u001F"]'],
  ['escaped pair of surrogates', '["\\ud83d\\ude00"]'],
  ['1.0', '[1.0]'],
  ['minus zero', '[-0]'],
  ['exponent', '[1E2]'],
  ['too many digits', '[12345678901234567890]'],
  ['keys that are numbers come first, and rising', '{"b":1,"1":2}'],
];

export const headerTexts: Example[] = [
  ...plain,
  good('needed escapes', { text: '["\\n\\u001f\\"\\\\"]' }),
  good('numbers', { text: '[0,-1,1.5,1e+21,1e-7]' }),
  ...otherSpelling.map(([name, text]) => bad(name, 'json.not-canonical', '', { text })),
  ...broken,
];
