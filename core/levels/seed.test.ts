/** What ships: every row of the note it was made from, with source and mark, on a level that there was then. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { boundsOf } from './dated.ts';
import { checkLevel, type Scope } from './level.ts';
import {
  findRung,
  findScheme,
  findVersion,
  heldThen,
  schemeSchema,
  shippedSchemes,
  versionAt,
} from './scheme.ts';
import { type SeedRow, schemeRows, seeded, seedGaps, seedRows, seedSources, withoutHistory } from './seed.ts';

const note = join(import.meta.dirname, '../../../shared/reference/alerting.md');

describe('the shipped schemes', () => {
  it('are those of seventeen countries, each with source and mark', () => {
    const countries = shippedSchemes.map(({ country }) => country);
    assert.deepEqual(countries, [...countries].sort());
    assert.equal(countries.join(' '), 'AT AU BE CA DE DK ES FI FR GB IT LU NL NO NZ SE US');
    for (const { id, source, mark } of shippedSchemes)
      assert.ok((seedSources[source] ?? []).length > 0 && mark !== undefined, id);
  });

  it('name what is known, and invent no name', () => {
    const names = (id: string) =>
      findScheme(id)
        ?.versions.at(-1)
        ?.levels.map(({ name, english }) => Object.values(name)[0] ?? english);
    assert.deepEqual(names('at-gefaehrdung'), [null, null, 'erhöht', 'hoch', null]);
    assert.deepEqual(names('fi-supo'), [null, 'kohonnut', null, null]);
    assert.deepEqual(names('nz-nttl'), ['Unlikely', 'Possible', 'Likely', 'Highly likely', 'Expected']);
    assert.deepEqual(names('be-ocad'), ['faible', 'moyen', 'grave', 'très grave']);
    const marked = (id: string) =>
      findScheme(id)
        ?.versions.at(-1)
        ?.levels.filter(({ mark }) => mark === 'U')
        .map(({ rank }) => rank);
    assert.deepEqual(
      [marked('nl-dtn'), marked('dk-cta'), marked('se-nct'), marked('no-pst')],
      [
        [1, 5],
        [1, 2, 3],
        [1, 5],
        [1, 2],
      ],
    );
  });

  it('say what they are: products, prose, unofficial', () => {
    const kinds = Object.fromEntries(shippedSchemes.map(({ country, kind }) => [country, kind]));
    assert.deepEqual([kinds.US, kinds.DE, kinds.FR, kinds.GB], ['product', 'prose', 'posture', 'likelihood']);
    assert.equal(findScheme('de-gefaehrdung')?.phrase?.de, 'abstrakt hohe Gefährdung(slage)');
    assert.deepEqual(
      shippedSchemes.filter(({ official }) => !official).map(({ country }) => country),
      ['IT'],
    );
  });

  it('that contradict themselves are refused', () => {
    const [at] = shippedSchemes;
    assert.ok(at);
    const [version] = at.versions;
    assert.ok(version);
    const bad = (levels: object) =>
      schemeSchema.safeParse({ ...at, versions: [{ ...version, ...levels }] }).success;
    assert.equal(bad({}), true);
    assert.equal(bad({ levels: version.levels.slice(1) }), false);
    assert.equal(bad({ levels: [] }), false);
    assert.equal(bad({ same: [{ version: '0', level: '1', is: '1' }] }), false);
  });

  it('have one version at a time, but for a year in which it changed', () => {
    const at = (id: string, day: string) =>
      versionAt(findScheme(id) as never, Date.parse(day) * 1_000)?.version;
    assert.deepEqual([at('nz-nttl', '2026-02-23'), at('nz-nttl', '2026-02-24')], ['1', '2026']);
    assert.deepEqual(
      [at('us-ntas', '2010-12-31'), at('us-ntas', '2011-04-01'), at('us-ntas', '2015-12-16')],
      [undefined, '2011', '2015'],
    );
    assert.equal(at('fr-vigipirate', '2016-11-30'), undefined);
  });
});

describe('the shipped history', () => {
  it('each row has a source, a mark, and a level of a version that held then', () => {
    assert.equal(seedRows.length + schemeRows.length, 64);
    for (const row of [...seedRows, ...schemeRows]) {
      const name = `${row.scheme} ${row.since.on}`;
      const scheme = findScheme(row.scheme);
      const version = scheme && findVersion(scheme, row.version);
      assert.ok(version, name);
      assert.ok(heldThen(version, row.since), name);
      assert.ok((seedSources[row.source] ?? []).length > 0, name);
      assert.match(row.mark, /^(S|U|S\/U-day|S\/U-month)$/, name);
      if (row.event !== 'scheme') assert.ok(findRung(version, row.level), name);
    }
    for (const { level } of seeded()) assert.deepEqual(checkLevel(level), level);
  });

  it('rises in time within each country, and says where it is not known', () => {
    const rows = new Map<string, number>();
    for (const { scheme, since } of seedRows) {
      const begins = boundsOf(since).latest;
      assert.ok(begins >= (rows.get(scheme) ?? 0), `${scheme} ${since.on}`);
      rows.set(scheme, boundsOf(since).earliest);
    }
    for (const gap of seedGaps)
      assert.ok(
        seeded().some(({ level }) => level.scheme === gap.scheme && level.since.on === gap.after),
        gap.note,
      );
    assert.deepEqual(withoutHistory, ['CA', 'FI', 'IT', 'LU', 'DE']);
    const countries = new Set(seedRows.map(({ scheme }) => findScheme(scheme)?.country ?? ''));
    assert.ok(withoutHistory.every((country) => !countries.has(country)));
  });

  it('is the table of the note, row by row', {
    skip: existsSync(note) ? false : 'the note is not beside this folder',
  }, () => {
    const [, table = ''] = readFileSync(note, 'utf8').split('```');
    const theirs = table.trim().split('\n').slice(1);
    const order = ['FR', 'UK', 'NL', 'BE', 'SE', 'NO', 'DK', 'ES', 'AU', 'NZ', 'US', 'AT'];
    const all: { source: string; on: string; line: string }[] = [
      ...seedRows.map((row) => ({ source: row.source, on: row.since.on, line: lineOf(row) })),
      ...schemeRows.map((row) => ({
        source: row.source,
        on: row.since.on,
        line: [
          row.source,
          row.since.on,
          row.since.precision,
          `(${row.what})`,
          row.source === 'FR' ? 'national' : '',
          row.note ?? '',
          row.mark,
        ].join(),
      })),
    ];
    for (const source of order)
      assert.deepEqual(
        all
          .filter((row) => row.source === source)
          .map(({ line }) => line)
          .sort(),
        theirs.filter((line) => line.startsWith(`${source},`)).sort(),
      );
    assert.equal(all.length, theirs.length);
  });
});

function lineOf({
  source,
  scheme,
  version,
  since,
  level,
  qualifier,
  scope,
  note: text = '',
  mark,
}: SeedRow): string {
  const rung = findRung(findVersion(findScheme(scheme) as never, version) as never, level);
  const spelt: Record<string, string> = { FR: `${rung?.rank}`, US: 'Bulletin' };
  const named = spelt[source] ?? level.toUpperCase();
  const where = scopeText(scope, ['FR', 'BE'].includes(source));
  return [
    source,
    since.on,
    since.precision,
    qualifier ? `${named} ${qualifier}` : named,
    where,
    text,
    mark,
  ].join();
}

function scopeText(scope: Scope, said: boolean): string {
  if (scope.type === 'area') return scope.area.name.en ?? '';
  if (scope.type === 'subject') return `subject: ${scope.name.en}`;
  return said ? 'national' : '';
}
