/** Statements as tests want them: on the newest version of a scheme, for a nation, said when they begin. */
import assert from 'node:assert/strict';
import { Refusal } from '../errors.ts';
import type { Dated } from './dated.ts';
import type { Stated } from './history.ts';
import { checkLevel, type Level, type Scope, scopeKey } from './level.ts';
import { findScheme } from './scheme.ts';
import { type Seeded, seeded } from './seed.ts';

export const instant = (day: string): number => Date.parse(day) * 1_000;
export const now = instant('2026-11-24');
export const day = (on: string): Dated => ({ on, precision: 'day' });
export const national: Scope = { type: 'national' };
export const brussels: Scope = {
  type: 'area',
  area: { type: 'place', name: { fr: 'Bruxelles' }, codes: ['BE-BRU'] },
};

export function said(scheme: string, level: string | null, since: string, more: Partial<Level> = {}): Stated {
  const version = findScheme(scheme)?.versions.at(-1)?.version ?? '1';
  const whole: Level = {
    scheme,
    version,
    level,
    event: 'stated',
    scope: national,
    since: day(since),
    ...more,
  };
  return { issuer: 'a', at: instant(since), level: checkLevel(whole) };
}

/** What ships of a country, for one scope. */
export function seedOf(country: string, key = 'national'): Seeded[] {
  return seeded().filter(
    ({ issuer, level }) => issuer === `history:${country}` && scopeKey(level.scope) === key,
  );
}

export function refusalOf(work: () => unknown): Refusal {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error;
  }
  assert.fail('taken');
}
