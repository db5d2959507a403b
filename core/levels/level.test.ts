import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runVectors } from '../../tools/vectors/read.ts';
import { checkLevel, type Level } from './level.ts';
import { refusalOf, said } from './sample.ts';
import { seeded } from './seed.ts';
import { fromStix, threatLevelExtension, toStix } from './stix.ts';

runVectors<{ level: unknown }>('levels/levels.json', ({ level }) => {
  assert.deepEqual(checkLevel(level), level);
});

runVectors<{ object: unknown; level?: Level }>('levels/stix.json', ({ object, level }) => {
  assert.deepEqual(fromStix(object), level);
});

describe('a threat level in STIX', () => {
  const whole = checkLevel({
    scheme: 'fr-vigipirate',
    version: '2016',
    level: 'urgence-attentat',
    qualifier: 'hiver-printemps',
    event: 'stated',
    scope: { type: 'area', area: { type: 'place', name: { fr: 'Paris' }, codes: ['FR-75'] } },
    since: { on: '2024-03', precision: 'month' },
    until: '2024-06-01T00:00:00.000Z',
    review: '2024-05-01T00:00:00.000Z',
    announced: { on: '2024-03-24', precision: 'day' },
    reason: { fr: 'Attentat de Moscou', en: 'Attack in Moscow' },
    measures: [{ site: 'schools', text: { fr: 'Contrôle visuel des sacs' } }],
    source: {
      name: 'SGDSN',
      url: 'https://www.sgdsn.gouv.fr/vigipirate',
      date: { on: '2024-03-24', precision: 'day' },
    },
    original: 'fr',
  });
  const about = {
    id: 'threat-level--3f2b6a0e-8d0f-4a55-9d5c-1a6f3c1b2d4e',
    created: '2024-03-24T20:00:00.000Z',
    createdBy: 'identity--3f2b6a0e-8d0f-4a55-9d5c-1a6f3c1b2d4e',
  };

  it('goes both ways and loses nothing', () => {
    const object = toStix(whole, about);
    assert.deepEqual(fromStix(JSON.parse(JSON.stringify(object))), whole);
    assert.deepEqual(object.extensions, { [threatLevelExtension]: { extension_type: 'new-sdo' } });
    for (const { level } of seeded()) assert.deepEqual(fromStix(toStix(level, about)), level);
    const german = said('de-gefaehrdung', null, '2026-11-01', { reason: { de: 'abstrakt hoch' } }).level;
    assert.deepEqual(fromStix(toStix(german, about)), german);
  });

  it('is refused without the extension, or as another type', () => {
    const { extensions: _, ...bare } = toStix(whole, about);
    assert.equal(refusalOf(() => fromStix(bare)).at, '/extensions');
    assert.equal(
      refusalOf(() => fromStix({ ...bare, type: 'report' }, { at: '/parts/0' })).at,
      '/parts/0/type',
    );
    const unknown = refusalOf(() => fromStix({ ...toStix(whole, about), level: 'severe' }));
    assert.deepEqual([unknown.code, unknown.at], ['level.scheme', '/level']);
  });
});
