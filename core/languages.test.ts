import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languageTag, textFor, textsIn } from './languages.ts';

test('a reader is shown the language asked for, else its language without region, else English, else any', () => {
  const texts = { fr: 'Paris', 'pt-BR': 'Paris (BR)', en: 'Paris (en)' };
  assert.deepEqual(textFor(texts, ['de', 'pt-BR', 'fr']), { language: 'pt-BR', text: 'Paris (BR)' });
  assert.equal(textFor(texts, ['fr-CA'])?.language, 'fr');
  assert.equal(textFor(texts, ['de'])?.language, 'en');
  assert.equal(textFor({ ru: 'Париж' }, ['de'])?.language, 'ru');
  assert.equal(textFor({}, ['toString']), null);
});

test('texts stand under languages, at least one, none of them empty', () => {
  const taken = (value: unknown) => textsIn(10).safeParse(value).success;
  assert.ok(taken({ fr: 'x', 'zh-Hant': 'y', 'es-419': 'z' }));
  for (const value of [{}, { fr: '' }, { French: 'x' }, { fr: 'x'.repeat(11) }, { FR: 'x' }, [], 'x'])
    assert.equal(taken(value), false, JSON.stringify(value));
  assert.equal(languageTag.safeParse('de-AT').success, true);
});
