/** What holds at a moment, as of what was said until then. */
import { Refusal } from '../errors.ts';
import { type Instant, instantOf, millisecondsOf } from '../fields.ts';
import { boundsOf, type Dated, orderOf } from './dated.ts';
import { type Gap, historyOf, type Point, rungOf, type Stated } from './history.ts';
import { type Level, type Scope, scopeKey } from './level.ts';
import { findScheme, type Rung, type Scheme, sameLevel, shippedSchemes } from './scheme.ts';

/** Days after which a level that nobody confirmed is shown as not confirmed, where no review was promised. */
export const confirmWithin = 365;

export interface AsOf {
  readonly schemes?: readonly Scheme[];
  readonly gaps?: readonly Gap[];
  /** Days. */
  readonly confirmWithin?: number;
}

export interface Current<S extends Stated = Stated> {
  readonly issuer: string;
  readonly schemeId: string;
  /** Null: a scheme that is not known here. */
  readonly scheme: Scheme | null;
  readonly scope: Scope;
  readonly scopeKey: string;
  /** `expired`: its end has passed. `unknown`: it is known to have changed, and not to what. Neither is low. */
  readonly state: 'in-force' | 'expired' | 'unknown';
  /** Null unless in force; and where the body has no scale. */
  readonly rung: Rung | null;
  /** Since when it has been this level, whatever was confirmed or renamed in between. */
  readonly since: Dated;
  /** It may have been so before `since`: nobody said what it was. */
  readonly atLeast: boolean;
  /** The statement that counts. */
  readonly stated: S;
  /** The last moment for which somebody said so: "not confirmed since". */
  readonly confirmed: Dated;
  /** Null: fresh. `review`: it was to be looked at again by now. `age`: nobody has said so for long. */
  readonly stale: 'review' | 'age' | null;
}

/**
 * One for each issuer, scheme and scope of which anything was said, also where it has ended. Of a scheme of products, one
 * for each type too: a bulletin does not replace an alert.
 * @param at what was said later, and what begins later, is left out
 */
export function currentLevels<S extends Stated>(
  statements: readonly S[],
  at: Instant,
  { schemes = shippedSchemes, gaps = [], confirmWithin: days = confirmWithin }: AsOf = {},
): Current<S>[] {
  const said = statements.filter((each) => each.at <= at && orderOf(each.level.since) <= at);
  return groups(said, schemes).map((group) => {
    const [{ issuer, level }] = group;
    const scheme = findScheme(level.scheme, schemes);
    const { points } = historyOf(group, { scheme, gaps, at });
    const stated = points.findLast((each) => each.stated)?.stated ?? group[0];
    const end = points.at(-1);
    const state = end?.kind !== 'unknown' ? 'in-force' : end.because === 'end' ? 'expired' : 'unknown';
    const confirmed = confirmedOf(stated);
    return {
      issuer,
      schemeId: level.scheme,
      scheme,
      scope: stated.level.scope,
      scopeKey: scopeKey(level.scope),
      state,
      rung: state === 'in-force' ? rungOf(stated.level, scheme) : null,
      ...begun(points),
      stated,
      confirmed,
      stale: state === 'in-force' ? staleness(stated.level, confirmed, at, days) : null,
    };
  });
}

function groups<S extends Stated>(said: readonly S[], schemes: readonly Scheme[]): [S, ...S[]][] {
  const found = new Map<string, [S, ...S[]]>();
  for (const each of said) {
    const { scheme, scope, level } = each.level;
    const type = findScheme(scheme, schemes)?.kind === 'product' ? level : '';
    const key = JSON.stringify([each.issuer, scheme, scopeKey(scope), type]);
    const group = found.get(key);
    if (group) group.push(each);
    else found.set(key, [each]);
  }
  return [...found.values()];
}

function begun(points: readonly Point[]): { since: Dated; atLeast: boolean } {
  const goesOn = ['unchanged', 'qualified', 'renamed', 'unknown'];
  const start = points.findLast(({ kind }) => !goesOn.includes(kind)) as Point;
  const open =
    start.kind === 'rescaled' || start.kind === 'contradicted' || start.stated?.level.event === 'unchanged';
  return { since: start.since, atLeast: open };
}

function confirmedOf({ level, at, confirmed }: Stated): Dated {
  if (confirmed) return confirmed;
  return orderOf(level.since) > at ? level.since : { on: millisecondsOf(at), precision: 'instant' };
}

function staleness({ review }: Level, confirmed: Dated, at: Instant, days: number): 'review' | 'age' | null {
  if (review !== undefined && instantOf(review) <= at) return 'review';
  if (review !== undefined) return null;
  return boundsOf(confirmed).latest + days * 86_400_000_000 <= at ? 'age' : null;
}

/**
 * That what is said to be unchanged is what was said last, and is confirmed for a later moment. What is unknown may be
 * confirmed as anything.
 * @param at where the object stands, for the error
 * @throws level.changed
 */
export function checkUnchanged(level: Level, before: Current | null, at = ''): void {
  if (level.event !== 'unchanged' || !before) return;
  const old = before.stated.level;
  if (orderOf(level.since) < orderOf(old.since))
    throw changed(
      'since',
      `${at}/since`,
      `name the day for which it is confirmed, not before ${old.since.on}`,
    );
  if (before.state !== 'in-force') return;
  const same =
    old.version === level.version
      ? old.level
      : before.scheme &&
        old.level !== null &&
        sameLevel(before.scheme, old.version, old.level, level.version);
  // Nobody has said what it is in the new version: then it is what this says.
  if (same === level.level || (same === null && old.level !== null)) return;
  throw changed(
    'level',
    `${at}/level`,
    `the level was ${old.level ?? 'none'}: say what it is now, since when`,
  );
}

function changed(problem: 'level' | 'since', at: string, detail: string): Refusal {
  return new Refusal('level.changed', { at, detail, params: { problem } });
}
