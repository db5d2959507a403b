import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { seedFromEnvironment } from '../../interop/testing/chance.ts';
import { currentLevels } from './current.ts';
import { boundsOf, type Dated, datedSchema } from './dated.ts';
import { type Gap, historyOf, type Stated } from './history.ts';
import { instant, now, said, seedOf } from './sample.ts';
import { findScheme, type Scheme, sameLevel } from './scheme.ts';
import { seedGaps } from './seed.ts';

function history(scheme: string, list: readonly Stated[], gaps: readonly Gap[] = []) {
  return historyOf(list, { scheme: findScheme(scheme), gaps, at: now });
}
const kindsOf = (...of: Parameters<typeof history>) => history(...of).points.map(({ kind }) => kind);

describe('the history of a level', () => {
  it('a scale under new names draws no step: New Zealand, 24 February 2026', () => {
    const { points, spans } = history('nz-nttl', seedOf('NZ'));
    assert.deepEqual(
      points.map(({ kind, rung }) => [kind, rung?.code]),
      [
        ['first', 'high'],
        ['lowered', 'medium'],
        ['lowered', 'low'],
        ['renamed', 'possible'],
      ],
    );
    assert.equal(spans.at(-2)?.rung?.rank, spans.at(-1)?.rung?.rank);
    const [current] = currentLevels(seedOf('NZ'), now);
    assert.deepEqual([current?.since.on, current?.confirmed.on], ['2022-11-30', '2026-02-24']);
    const nz = findScheme('nz-nttl') as Scheme;
    assert.equal(sameLevel(nz, '1', 'low', '2026'), 'possible');
    assert.equal(sameLevel(nz, '1', 'medium', '2026'), null);
    assert.equal(sameLevel(nz, '2026', 'possible', '1'), null);
  });

  it('between scales that nobody has matched there is none: Norway, 2022 and 2024', () => {
    const { points } = history('no-pst', seedOf('NO'), seedGaps);
    assert.deepEqual(
      points.map(({ kind, since, rung }) => [kind, since.on, rung?.code ?? null]),
      [
        ['first', '2022-06-25', '5'],
        ['unknown', '2022-06-25', null],
        ['resumed', '2022-09-28', '3'],
        ['rescaled', '2024-10-08', '4'],
        ['lowered', '2024-11-14', '3'],
      ],
    );
    assert.equal(currentLevels(seedOf('NO'), instant('2024-10-20'), { gaps: seedGaps })[0]?.atLeast, true);
  });

  it('what is not known is a gap, and no step: France after December 2018', () => {
    const { points, spans } = history('fr-vigipirate', seedOf('FR'), seedGaps);
    assert.deepEqual(
      points.map(({ kind }) => kind),
      ['first', 'unknown', 'resumed', 'lowered', 'raised', 'lowered', 'raised', 'unchanged'],
    );
    assert.deepEqual(spans[1], {
      from: { on: '2018-12-14', precision: 'month' },
      to: { on: '2020-10-29', precision: 'event' },
      stated: null,
      rung: null,
    });
    const [then] = currentLevels(seedOf('FR'), instant('2019-07-01'), { gaps: seedGaps });
    assert.deepEqual([then?.state, then?.rung, then?.confirmed.on], ['unknown', null, '2018-12-11']);
  });

  it('saying it again draws no step', () => {
    const list = [
      said('gb-terrorism', 'severe', '2026-01-01'),
      said('gb-terrorism', 'severe', '2026-03-01', { event: 'unchanged' }),
      said('gb-terrorism', 'severe', '2026-04-01'),
      said('gb-terrorism', 'critical', '2026-05-01'),
    ];
    assert.deepEqual(kindsOf('gb-terrorism', list), ['first', 'unchanged', 'unchanged', 'raised']);
    const { spans } = history('gb-terrorism', list);
    assert.deepEqual(
      spans.map(({ from, to, stated }) => [from.on, to?.on, stated?.length]),
      [
        ['2026-01-01', '2026-05-01', 3],
        ['2026-05-01', undefined, 1],
      ],
    );
  });

  it('a qualifier is kept, and is no step: 4 reforzado', () => {
    const { points } = history('es-naa', seedOf('ES'));
    assert.deepEqual(
      points.map(({ kind, rung, stated }) => [kind, rung?.code, stated?.level.qualifier]),
      [
        ['first', '4', undefined],
        ['qualified', '4', 'reforzado'],
      ],
    );
    const [current] = currentLevels(seedOf('ES'), now);
    assert.deepEqual([current?.since.on, current?.stated.level.qualifier], ['2015-06-26', 'reforzado']);
  });

  it('an end is the end of what is known', () => {
    const list = [
      said('fr-vigipirate', 'urgence-attentat', '2026-01-01', { until: '2026-02-01T00:00:00.000Z' }),
      said('fr-vigipirate', 'vigilance', '2026-03-01'),
    ];
    assert.deepEqual(kindsOf('fr-vigipirate', list), ['first', 'unknown', 'resumed']);
    assert.equal(history('fr-vigipirate', list).points[1]?.because, 'end');
    const followed = [list[0] as Stated, said('fr-vigipirate', 'vigilance', '2026-01-20')];
    assert.deepEqual(kindsOf('fr-vigipirate', followed), ['first', 'lowered']);
  });

  it('of two for the same moment the later said counts, in whatever order they come', () => {
    const wrong = said('gb-terrorism', 'critical', '2026-01-01');
    const right = { ...said('gb-terrorism', 'severe', '2026-01-01'), at: instant('2026-01-02') };
    for (const list of [
      [wrong, right],
      [right, wrong],
    ])
      assert.deepEqual(
        history('gb-terrorism', list).points.map(({ rung }) => rung?.code),
        ['severe'],
      );
    const again = { ...said('gb-terrorism', 'severe', '2026-01-01', { event: 'unchanged' }), at: now };
    assert.deepEqual(kindsOf('gb-terrorism', [again, right]), ['first', 'unchanged']);
  });

  it('what is said to be unchanged and is not, is no step', () => {
    const list = [
      said('gb-terrorism', 'severe', '2026-01-01'),
      said('gb-terrorism', 'low', '2026-02-01', { event: 'unchanged' }),
    ];
    assert.deepEqual(kindsOf('gb-terrorism', list), ['first', 'contradicted']);
  });

  it('a date that is known to the month keeps its month', () => {
    const february = { on: '2021-02', precision: 'month' } as const;
    const [, , step] = history('gb-terrorism', [
      said('gb-terrorism', 'severe', '2020-11-03'),
      said('gb-terrorism', 'severe', '2020-12-01', { event: 'unchanged' }),
      {
        ...said('gb-terrorism', 'substantial', '2021-02-01'),
        level: { ...said('gb-terrorism', 'substantial', '2021-02-01').level, since: february },
      },
    ]).points;
    assert.deepEqual([step?.kind, step?.since], ['lowered', february]);
    assert.deepEqual(boundsOf(february), { earliest: instant('2021-02-01'), latest: instant('2021-03-01') });
  });

  it('dates reach as far as their precision, not as what is written', () => {
    const reach = (on: string, precision: Dated['precision']) => {
      const { earliest, latest } = boundsOf({ on, precision });
      return [earliest, latest].map((each) => new Date(each / 1_000).toISOString().slice(0, 10));
    };
    assert.deepEqual(reach('2018-12-11', 'month'), ['2018-12-01', '2019-01-01']);
    assert.deepEqual(reach('2020-10-29', 'event'), ['2020-10-01', '2020-11-01']);
    assert.deepEqual(reach('2010-10-01', 'season'), ['2010-09-01', '2010-12-01']);
    assert.deepEqual(reach('2026-01-10', 'season'), ['2025-12-01', '2026-03-01']);
    assert.deepEqual(reach('2026-12-10', 'season'), ['2026-12-01', '2027-03-01']);
    assert.deepEqual(reach('2015', 'year'), ['2015-01-01', '2016-01-01']);
    assert.deepEqual(reach('2026-02-28', 'day'), ['2026-02-28', '2026-03-01']);
    for (const on of ['2026-02-30', '26', '2026-13', '2026-2-1', ''])
      assert.equal(datedSchema.safeParse({ on, precision: 'month' }).success, false, on);
    assert.equal(datedSchema.safeParse({ on: '2026', precision: 'day' }).success, false);
    assert.equal(datedSchema.safeParse({ on: '2026-01-01', precision: 'instant' }).success, false);
  });

  it('is the same in whatever order it comes, and steps only between ranks of one version that both are known', () => {
    const codes = ['low', 'moderate', 'substantial', 'severe', 'critical'];
    const one = fc.record({
      level: fc.constantFrom(...codes),
      month: fc.integer({ min: 1, max: 9 }),
      event: fc.constantFrom('stated' as const, 'unchanged' as const),
      ends: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(one, { minLength: 1, maxLength: 8 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (list, keys) => {
          const statements = list.map(({ level, month, event, ends }, i) => ({
            ...said('gb-terrorism', level, `2026-0${month}-01`, {
              event,
              ...(ends ? { until: `2026-0${month}-15T00:00:00.000Z` } : {}),
            }),
            at: now + i,
          }));
          const shuffled = statements
            .map((each) => ({ each, key: keys.next().value as number }))
            .sort((a, b) => a.key - b.key)
            .map(({ each }) => each);
          const { points } = history('gb-terrorism', statements);
          assert.deepEqual(history('gb-terrorism', shuffled).points, points);
          for (const [i, { kind, rung, stated }] of points.entries()) {
            if (kind !== 'raised' && kind !== 'lowered') continue;
            const before = points[i - 1]?.rung;
            assert.ok(before && rung && stated?.level.event === 'stated');
            assert.equal(kind === 'raised', rung.rank > before.rank);
          }
        },
      ),
      { seed: seedFromEnvironment(), numRuns: 200 },
    );
  });
});
