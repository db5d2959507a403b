/** Dates that are known only so far. What stands behind `on` beyond its precision is somebody's guess, and is kept as such. */
import { z } from 'zod';
import { type Instant, instantOf, instantText } from '../fields.ts';

/** From the finest. The last four are how the shipped history knows its dates. */
export const precisions = [
  'instant',
  'day',
  'month',
  'year',
  'season', // "autumn 2010"
  'event', // "after the attack"; the day is not sourced
  'weekday', // "on Wednesday"; the day is not sourced
  'none', // nothing of it is sourced
] as const;
export type Precision = (typeof precisions)[number];

const datePattern = /^\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?$/;

export const datedSchema = z
  .strictObject({
    /** `2024`, `2024-07`, `2024-07-14`, or with the precision `instant` a time. Days are those of UTC. */
    on: z.string(),
    precision: z.enum(precisions),
  })
  .refine(
    ({ on, precision }) => (precision === 'instant' ? instantText.safeParse(on).success : isDate(on)),
    'expected a date such as 2024-07-14, 2024-07 or 2024, or an instant with its precision',
  )
  .refine(
    ({ on, precision }) => precision !== 'day' || on.length === 10,
    'expected a day such as 2024-07-14',
  );
export type Dated = z.infer<typeof datedSchema>;

function isDate(text: string): boolean {
  if (!datePattern.test(text) || text < '1900' || text >= '2200') return false;
  const day = `${text}-01-01`.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

export interface Bounds {
  readonly earliest: Instant;
  /** Exclusive, but for an instant, which is a single one. */
  readonly latest: Instant;
}

/** Between which instants it lies, as far as is known. */
export function boundsOf({ on, precision }: Dated): Bounds {
  if (precision === 'instant') return { earliest: instantOf(on), latest: instantOf(on) };
  const [year = 0, month = 1, day = 1] = on.split('-').map(Number);
  if (precision === 'year' || on.length === 4) return months(year, 0, 12);
  if (precision === 'season') return months(year, Math.floor(month / 3) * 3 - 1, 3);
  if (precision !== 'day' || on.length === 7) return months(year, month - 1, 1);
  const earliest = Date.UTC(year, month - 1, day) * 1_000;
  return { earliest, latest: earliest + 86_400_000_000 };
}

/** @param first counted from 0; December of the year before is -1 */
function months(year: number, first: number, count: number): Bounds {
  return { earliest: Date.UTC(year, first) * 1_000, latest: Date.UTC(year, first + count) * 1_000 };
}

/** Where it stands among others: the beginning of what is written, as far as it is written. */
export function orderOf({ on, precision }: Dated): Instant {
  return precision === 'instant'
    ? instantOf(on)
    : Date.parse(`${`${on}-01-01`.slice(0, 10)}T00:00:00Z`) * 1_000;
}
