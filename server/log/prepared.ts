/**
 * Queries that are built and compiled once for each database, and from then on only given their values. Building one
 * with Kysely costs several times what SQLite takes to answer it, and a share asks some twenty.
 */
import type { Compilable, Kysely } from 'kysely';

type Scalar = string | number | null | Uint8Array;
type Row = Readonly<Record<string, Scalar>>;
type Value = Scalar | readonly Scalar[] | readonly Row[];

/** Stands where a value goes, while the query is built. What seals columns says so by `through`. */
export class Slot {
  readonly of: (values: Readonly<Record<string, Value>>) => unknown;

  constructor(of: Slot['of']) {
    this.of = of;
  }

  through(change: (value: unknown) => unknown): Slot {
    return new Slot((values) => change(this.of(values)));
  }

  /** A query must not look at values: it is the same for all of them. */
  [Symbol.toPrimitive](): never {
    throw new Error('a prepared query looked at a value');
  }
}

interface Compiled {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** Runs SQL on the connection of a database. Where there is none, Kysely runs it. */
export type Run = (sql: string, parameters: readonly unknown[]) => readonly unknown[];

const runs = new WeakMap<object, Run>();

/** To be said of a Kysely whose connection answers at once: then nothing stands between the query and it. */
export function answersAtOnce(db: object, run: Run): void {
  runs.set(db, run);
}

/** Answers to queries that are kept, by query and values, while somebody keeps them for a database. */
const answers = new WeakMap<object, Map<unknown, Map<string, readonly unknown[]>>>();

/**
 * From now on keeps the answers to `kept` queries of this database, and forgets those of before. Only for who alone
 * writes there, in one transaction, and while nothing is said that could change one of them.
 */
export function keepAnswers(db: object): void {
  answers.set(db, new Map());
}

/** Asks each time again, as where nobody keeps anything. */
export function askAnew(db: object): void {
  answers.delete(db);
}

/** Of a query that statements of one kind ask again and again, and never change the answer to: see `keepAnswers`. */
export function kept<DB, V extends { readonly [K in keyof V]: string | number }, O>(
  query: (db: Kysely<DB>, values: V) => Promise<readonly O[]>,
): typeof query {
  return async (db, values) => {
    const keeping = answers.get(db);
    if (!keeping) return query(db, values);
    const known = keeping.get(query) ?? new Map<string, readonly O[]>();
    keeping.set(query, known);
    // Not merely joined: a text may hold whatever stands between two, and '1' is not 1.
    const key = JSON.stringify(Object.values(values));
    const answer = (known.get(key) as readonly O[] | undefined) ?? (await query(db, values));
    known.set(key, answer);
    return answer;
  };
}

/**
 * @param build makes the query once. `at` holds a place for each value: a list for `in`, or rows for `values`, of as many
 * as are given; lists are asked for with their last value repeated, so that a few lengths do for all.
 */
export function prepared<DB, V extends { readonly [K in keyof V]: Value }, O>(
  build: (db: Kysely<DB>, at: V) => Compilable<O>,
): (db: Kysely<DB>, values: V) => Promise<readonly O[]> {
  const compiled = new WeakMap<object, Map<string, Compiled>>();
  return async (db, values) => {
    const given = values as Readonly<Record<string, Value>>;
    const forms = compiled.get(db) ?? new Map<string, Compiled>();
    compiled.set(db, forms);
    const form = formOf(given);
    const query = forms.get(form) ?? build(db, places(given) as V).compile();
    forms.set(form, query);
    const parameters = query.parameters.map((value) => (value instanceof Slot ? value.of(given) : value));
    const run = runs.get(db);
    if (run) return run(query.sql, parameters) as O[];
    return (await db.executeQuery<O>({ ...query, parameters } as never)).rows;
  };
}

/** The lengths of its lists. */
function formOf(values: Readonly<Record<string, Value>>): string {
  let form = '';
  for (const name in values) {
    const value = values[name];
    if (isList(value)) form += `${name} ${lengthFor(value)} `;
  }
  return form;
}

function isList(value: Value | undefined): value is readonly Scalar[] | readonly Row[] {
  return Array.isArray(value);
}

function isRows(list: readonly Scalar[] | readonly Row[]): list is readonly Row[] {
  const [first] = list;
  return typeof first === 'object' && first !== null && !(first instanceof Uint8Array);
}

function lengthFor(list: readonly Scalar[] | readonly Row[]): number {
  return isRows(list) ? list.length : 2 ** Math.ceil(Math.log2(Math.max(1, list.length)));
}

function places(values: Readonly<Record<string, Value>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, placeFor(name, value)]));
}

function placeFor(name: string, value: Value): unknown {
  if (!isList(value)) return new Slot((given) => given[name]);
  if (isRows(value))
    return value.map((row, i) =>
      Object.fromEntries(
        Object.keys(row).map((column) => [
          column,
          new Slot((given) => (given[name] as readonly Row[])[i]?.[column]),
        ]),
      ),
    );
  return Array.from(
    { length: lengthFor(value) },
    (_, i) =>
      new Slot((given) => {
        const list = given[name] as readonly Scalar[];
        return list[Math.min(i, list.length - 1)];
      }),
  );
}

const mostRows = 256;

/** In powers of two, so that inserting any number of rows is one of a few queries. */
export function* inPowers<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < rows.length; ) {
    const size = Math.min(mostRows, 2 ** Math.floor(Math.log2(rows.length - i)));
    yield rows.slice(i, i + size);
    i += size;
  }
}

/** What is made of a database once, and serves every moment of it. */
export function perDatabase<DB, T>(make: (db: Kysely<DB>) => T): (db: Kysely<DB>) => T {
  const made = new WeakMap<object, T>();
  return (db) => {
    const known = made.get(db);
    if (known !== undefined) return known;
    const fresh = make(db);
    made.set(db, fresh);
    return fresh;
  };
}
