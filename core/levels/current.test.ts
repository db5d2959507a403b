import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { boardOf, boardOrder, levelsHere } from './board.ts';
import { type Current, checkUnchanged, currentLevels } from './current.ts';
import type { Stated } from './history.ts';
import { type Scope, scopeKey } from './level.ts';
import { brussels, instant, national, now, refusalOf, said, seedOf } from './sample.ts';
import { findScheme, ladder, type Scheme, shippedSchemes } from './scheme.ts';
import { seeded, seedGaps } from './seed.ts';

describe('what holds now', () => {
  it('two scopes hold at once, the national one is the headline, the narrower counts locally', () => {
    const list = seeded().filter(({ issuer }) => issuer === 'history:BE');
    const current = currentLevels(list, instant('2023-10-16T12:00:00Z'), { gaps: seedGaps });
    const [row] = boardOf(current);
    assert.equal(row?.headline?.rung?.code, '3');
    const local = levelsHere(row as never, { codes: ['BE-BRU'] });
    assert.deepEqual(
      local.map(({ current: each, certain }) => [each.scope.type, each.rung?.code, certain]),
      [
        ['area', '4', true],
        ['national', '3', true],
      ],
    );
    const elsewhere = levelsHere(row as never, { codes: ['NL-UT'] });
    assert.deepEqual(
      elsewhere.map(({ current: each }) => each.rung?.code),
      ['3'],
    );
    const somewhere = levelsHere(row as never, { position: [4.35, 50.85] });
    assert.deepEqual(
      somewhere.map(({ certain }) => certain),
      [false, true],
    );
  });

  it('the narrowest comes first: subject, drawn, subdivision, country, sector; of two drawn the smaller', () => {
    const square = (size: number): [number, number][] => [
      [4, 50],
      [4 + size, 50],
      [4 + size, 50 + size],
      [4, 50 + size],
      [4, 50],
    ];
    const area = (rest: object): Scope => ({
      type: 'area',
      area: { type: 'place', name: { fr: 'x' }, ...rest },
    });
    const scopes: Scope[] = [
      national,
      { type: 'sector', sector: 'transport' },
      area({ codes: ['BE'] }),
      brussels,
      area({ polygons: [square(1)] }),
      area({ circles: [{ centre: [4.4, 50.4], radius: 1 }] }),
      area({ polygons: [square(0.5)] }),
      { type: 'subject', id: 'court', name: { fr: 'x' } },
    ];
    const list = scopes.map((scope) => said('be-ocad', '2', '2026-01-01', { scope }));
    const [row] = boardOf(currentLevels(list, now));
    const here = {
      position: [4.4, 50.4] as const,
      codes: ['BE-BRU', 'BE'],
      sectors: ['transport'],
      subjects: ['court'],
    };
    const found = levelsHere(row as never, here).map(({ current: each }) => each.scopeKey);
    const expected = [7, 5, 6, 4, 3, 2, 1, 0].map((i) => scopeKey(scopes[i] as Scope));
    assert.deepEqual(found, expected);
  });

  it('what is stale shows its date, and is fresh again once confirmed', () => {
    const list = [said('dk-cta', '4', '2024-01-10')];
    const [stale] = currentLevels(list, instant('2025-02-01'));
    assert.deepEqual([stale?.stale, stale?.confirmed.on], ['age', '2024-01-10T00:00:00.000Z']);
    const again = [...list, said('dk-cta', '4', '2025-02-01', { event: 'unchanged' })];
    const [fresh] = currentLevels(again, instant('2025-02-02'));
    assert.deepEqual(
      [fresh?.stale, fresh?.since.on, fresh?.confirmed.on],
      [null, '2024-01-10', '2025-02-01T00:00:00.000Z'],
    );
    assert.equal(currentLevels(list, instant('2024-02-11'), { confirmWithin: 30 })[0]?.stale, 'age');
  });

  it('a review that has passed makes it stale, whatever its age', () => {
    const list = [said('dk-cta', '4', '2026-01-10', { review: '2026-03-01T00:00:00.000Z' })];
    assert.equal(currentLevels(list, instant('2026-02-28'))[0]?.stale, null);
    assert.equal(currentLevels(list, instant('2026-03-01'))[0]?.stale, 'review');
    const again = [...list, said('dk-cta', '4', '2026-03-01', { event: 'unchanged' })];
    assert.equal(currentLevels(again, instant('2026-03-02'))[0]?.stale, null);
  });

  it('is as of a moment: what was said later, or begins later, is not there yet', () => {
    const list = [
      said('gb-terrorism', 'severe', '2026-01-01'),
      said('gb-terrorism', 'critical', '2026-06-01'),
      { ...said('gb-terrorism', 'low', '2026-12-01'), at: instant('2026-06-02') },
    ];
    const code = (at: string) => currentLevels(list, instant(at))[0]?.rung?.code;
    assert.deepEqual(
      [code('2025-12-31'), code('2026-05-31'), code('2026-07-01'), code('2026-12-02')],
      [undefined, 'severe', 'critical', 'low'],
    );
  });

  it('a product ends by itself, and one type does not replace another', () => {
    const until = '2025-09-23T00:00:00.000Z';
    const list = [
      said('us-ntas', 'bulletin', '2025-06-22', { until }),
      said('us-ntas', 'imminent-alert', '2025-07-01', { until: '2025-07-02T00:00:00.000Z' }),
    ];
    const [both] = boardOf(currentLevels(list, instant('2025-07-01T12:00:00Z')));
    assert.equal(both?.headline?.rung?.code, 'imminent-alert');
    assert.deepEqual(
      both?.others.map(({ rung }) => rung?.code),
      ['bulletin'],
    );
    const [later] = boardOf(currentLevels(list, instant('2025-08-01')));
    assert.deepEqual([later?.headline?.rung?.code, later?.others], ['bulletin', []]);
    const [gone] = boardOf(currentLevels(list, instant('2025-09-23')));
    assert.equal(gone?.headline, null);
    assert.deepEqual(
      boardOrder([gone as never]).unranked.map(({ because }) => because),
      ['no-product'],
    );
  });

  it('a level whose end has passed is expired, not low', () => {
    const list = [
      said('fr-vigipirate', 'urgence-attentat', '2026-01-01', { until: '2026-02-01T00:00:00.000Z' }),
    ];
    const [current] = currentLevels(list, now);
    assert.deepEqual([current?.state, current?.rung, current?.stale], ['expired', null, null]);
    assert.equal(boardOf([current as never])[0]?.headline?.state, 'expired');
  });

  it('an area whose end has passed leaves the field to the nation; one that is unknown does not', () => {
    const until = '2026-02-01T00:00:00.000Z';
    const ended = said('be-ocad', '4', '2026-01-01', { scope: brussels, until });
    const [row] = boardOf(currentLevels([said('be-ocad', '3', '2026-01-01'), ended], now));
    assert.deepEqual([row?.headline?.rung?.code, row?.others], ['3', []]);
    const utrecht = seeded().filter(({ issuer }) => issuer === 'history:NL');
    const [dutch] = boardOf(currentLevels(utrecht, now, { gaps: seedGaps }));
    assert.deepEqual(
      levelsHere(dutch as never, { codes: ['NL-UT'] }).map(({ current }) => current.state),
      ['unknown', 'in-force'],
    );
  });

  it('parties are kept apart', () => {
    const other = { ...said('gb-terrorism', 'low', '2026-01-01'), issuer: 'b' };
    const current = currentLevels([said('gb-terrorism', 'severe', '2026-01-01'), other], now);
    assert.deepEqual(
      boardOf(current).map(({ issuer, headline }) => [issuer, headline?.rung?.code]),
      [
        ['a', 'severe'],
        ['b', 'low'],
      ],
    );
  });
});

describe('a board', () => {
  it('has what is not known beside the ladder, never at its bottom', () => {
    const phrase = { reason: { de: 'abstrakt hohe Gefährdung' } };
    const list = [
      said('gb-terrorism', 'low', '2026-11-01'),
      said('fr-vigipirate', 'urgence-attentat', '2026-11-01'),
      said('de-gefaehrdung', null, '2026-11-01', phrase),
      said('dk-cta', '1', '2024-01-01'),
      said('it-livello', '2', '2026-11-01'),
      said('se-nct', '5', '2026-01-01', { until: '2026-02-01T00:00:00.000Z' }),
      said('be-ocad', '4', '2026-11-01', { scope: brussels }),
    ];
    const rows = boardOf(currentLevels(list, now), shippedSchemes);
    const { ranked, unranked } = boardOrder(rows);
    assert.deepEqual(
      ranked.map(({ scheme }) => scheme?.country),
      ['FR', 'GB'],
    );
    assert.deepEqual(
      unranked.map(({ row, because }) => `${row.scheme?.country} ${because}`),
      [
        'AT not-stated',
        'AU not-stated',
        'BE not-stated',
        'CA not-stated',
        'DE no-scale',
        'DK stale',
        'ES not-stated',
        'FI not-stated',
        'IT no-band',
        'LU not-stated',
        'NL not-stated',
        'NO not-stated',
        'NZ not-stated',
        'SE expired',
        'US no-product',
      ],
    );
    assert.equal(
      rows.find(({ schemeId }) => schemeId === 'de-gefaehrdung')?.headline?.stated.level.reason?.de,
      phrase.reason.de,
    );
  });

  it('shows each on its own ladder', () => {
    const rungs = (id: string) => ladder(findScheme(id) as Scheme, now)?.map(({ code }) => code);
    assert.deepEqual(rungs('fr-vigipirate'), ['vigilance', 'securite-renforcee', 'urgence-attentat']);
    assert.equal(ladder(findScheme('de-gefaehrdung') as Scheme, now), null);
  });
});

describe('what is said to be unchanged', () => {
  const before = (list: readonly Stated[]) => currentLevels(list, now)[0] as Current;

  it('is what was said last, for a later day', () => {
    const severe = before([said('gb-terrorism', 'severe', '2026-01-01')]);
    const unchanged = (level: string, since: string) =>
      said('gb-terrorism', level, since, { event: 'unchanged' }).level;
    checkUnchanged(unchanged('severe', '2026-03-01'), severe);
    checkUnchanged(unchanged('low', '2026-03-01'), null);
    const other = refusalOf(() => checkUnchanged(unchanged('low', '2026-03-01'), severe, '/parts/0'));
    assert.deepEqual(
      [other.code, other.at, other.params.problem],
      ['level.changed', '/parts/0/level', 'level'],
    );
    const early = refusalOf(() => checkUnchanged(unchanged('severe', '2025-03-01'), severe));
    assert.deepEqual([early.at, early.params.problem], ['/since', 'since']);
    checkUnchanged(said('gb-terrorism', 'low', '2026-03-01').level, severe);
  });

  it('may be what it is called now, or anything where it was not known', () => {
    const old = before(seedOf('NZ').filter(({ level }) => level.version === '1'));
    const now_ = (level: string) => said('nz-nttl', level, '2026-03-01', { event: 'unchanged' }).level;
    checkUnchanged(now_('possible'), old);
    assert.equal(refusalOf(() => checkUnchanged(now_('likely'), old)).code, 'level.changed');
    const ended = before([said('gb-terrorism', 'low', '2026-01-01', { until: '2026-02-01T00:00:00.000Z' })]);
    checkUnchanged(said('gb-terrorism', 'severe', '2026-03-01', { event: 'unchanged' }).level, ended);
  });
});
