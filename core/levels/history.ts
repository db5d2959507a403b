/**
 * How the level of one issuer, scheme and scope went on: for a step chart. Nothing is drawn that nobody said: a scale
 * under new names is no step, between two scales that nobody has matched there is none, and what is not known is a gap.
 */
import type { Instant } from '../fields.ts';
import { instantOf } from '../fields.ts';
import { type Dated, orderOf } from './dated.ts';
import { type Level, scopeKey } from './level.ts';
import { findRung, findVersion, type Rung, type Scheme, sameLevel } from './scheme.ts';

/** A level as somebody said it. Callers carry along what they know of it besides. */
export interface Stated {
  /** Who said it: the fingerprint of a party. */
  readonly issuer: string;
  readonly level: Level;
  /** When it came to be known here. */
  readonly at: Instant;
  /** What it is known to have held at, if that is not `at`. */
  readonly confirmed?: Dated;
}

/** After a statement, nothing is known until the next one. */
export interface Gap {
  readonly scheme: string;
  readonly scopeKey: string;
  /** The `since.on` of the statement. */
  readonly after: string;
  /** About when; left out: some time after. */
  readonly about?: Dated | undefined;
}

export type PointKind =
  | 'first' // nothing is known before
  | 'raised'
  | 'lowered'
  | 'unchanged' // said again: no step, and fresh again
  | 'qualified' // the same level, with another word beside it: no step
  | 'renamed' // the same level of a scale with new names: no step
  | 'rescaled' // another scale, which nobody has matched with the one before: no step
  | 'resumed' // known again: no step
  | 'contradicted' // said to be unchanged, and is not what was known: no step
  | 'unknown'; // from here on, until the next

export interface Point<S extends Stated = Stated> {
  readonly kind: PointKind;
  readonly since: Dated;
  /** Of an `unknown` point: whether the statement before ended, or the data has a gap. */
  readonly because?: 'end' | 'gap';
  /** Null: `unknown`. */
  readonly stated: S | null;
  /** Of its scheme's version. Null: unknown, or the body has no scale. */
  readonly rung: Rung | null;
}

/** What holds from one point to the next. */
export interface Span<S extends Stated = Stated> {
  readonly from: Dated;
  /** Null: still. */
  readonly to: Dated | null;
  /** Null: unknown. Each statement that says the same is in it. */
  readonly stated: readonly S[] | null;
  readonly rung: Rung | null;
}

export interface History<S extends Stated = Stated> {
  readonly points: readonly Point<S>[];
  readonly spans: readonly Span<S>[];
}

export interface HistoryContext {
  readonly scheme: Scheme | null;
  readonly gaps?: readonly Gap[];
  /** What ended before this is ended. */
  readonly at: Instant;
}

/**
 * @param statements of one issuer, scheme and scope, in any order. Of two for the same moment, what was said later counts:
 * so a statement is corrected
 */
export function historyOf<S extends Stated>(statements: readonly S[], context: HistoryContext): History<S> {
  const points = pointsOf(inOrder(statements), context);
  return { points, spans: spansOf(points) };
}

/** What confirms replaces nothing, for whatever moment it is said. */
function inOrder<S extends Stated>(statements: readonly S[]): S[] {
  const moment = ({ level }: S) => orderOf(level.since);
  const sorted = [...statements].sort((a, b) => moment(a) - moment(b) || a.at - b.at);
  return sorted.filter(
    (each, i) =>
      !sorted.slice(i + 1).some((later) => moment(later) === moment(each) && later.level.event === 'stated'),
  );
}

function pointsOf<S extends Stated>(statements: readonly S[], context: HistoryContext): Point<S>[] {
  const points: Point<S>[] = [];
  let known: S | null = null;
  for (const [i, stated] of statements.entries()) {
    const { level } = stated;
    points.push({
      kind: i === 0 ? 'first' : known ? kindOf(known.level, level, context.scheme) : 'resumed',
      since: level.since,
      stated,
      rung: rungOf(level, context.scheme),
    });
    const after = endOf(stated, statements[i + 1], context);
    if (after) points.push(after);
    known = after ? null : stated;
  }
  return points;
}

function endOf<S extends Stated>(
  { level }: S,
  next: S | undefined,
  { gaps = [], at }: HistoryContext,
): Point<S> | null {
  const followed = next ? orderOf(next.level.since) : null;
  const unknown = { kind: 'unknown', stated: null, rung: null } as const;
  if (level.until !== undefined) {
    const end = instantOf(level.until);
    if (end <= at && (followed === null || end < followed))
      return { ...unknown, since: { on: level.until, precision: 'instant' }, because: 'end' };
  }
  const gap = gaps.find(
    (each) =>
      each.scheme === level.scheme &&
      each.scopeKey === scopeKey(level.scope) &&
      each.after === level.since.on,
  );
  return gap ? { ...unknown, since: gap.about ?? level.since, because: 'gap' } : null;
}

function kindOf(before: Level, now: Level, scheme: Scheme | null): PointKind {
  const old = levelIn(before, now.version, scheme);
  if (old === undefined) return 'rescaled';
  if (old === now.level) {
    if (before.version !== now.version) return 'renamed';
    return before.qualifier === now.qualifier ? 'unchanged' : 'qualified';
  }
  if (now.event === 'unchanged') return 'contradicted';
  const [from, to] = [rungOf({ ...now, level: old }, scheme), rungOf(now, scheme)];
  if (!from || !to) return 'rescaled';
  return to.rank > from.rank ? 'raised' : 'lowered';
}

/** Undefined: nobody has said what it is in that version. */
function levelIn(before: Level, version: string, scheme: Scheme | null): string | null | undefined {
  if (before.version === version) return before.level;
  if (!scheme || before.level === null) return undefined;
  return sameLevel(scheme, before.version, before.level, version) ?? undefined;
}

export function rungOf(level: Level, scheme: Scheme | null): Rung | null {
  const version = scheme && findVersion(scheme, level.version);
  return version && level.level !== null ? findRung(version, level.level) : null;
}

function spansOf<S extends Stated>(points: readonly Point<S>[]): Span<S>[] {
  const spans: { from: Dated; to: Dated | null; stated: S[] | null; rung: Rung | null }[] = [];
  for (const { kind, since, stated, rung } of points) {
    const last = spans.at(-1);
    if (kind === 'unchanged' && stated && last?.stated) {
      last.stated.push(stated);
      continue;
    }
    if (last) last.to = since;
    spans.push({ from: since, to: null, stated: stated && [stated], rung });
  }
  return spans;
}
