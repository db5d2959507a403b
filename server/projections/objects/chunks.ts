/** Values in one query: far below the variables that SQLite binds, however many rooms or streams a party brings. */
const valuesAtOnce = 500;

/** The rows for all of the values, each asked for once. */
export async function chunked<Value, Row>(
  values: readonly Value[],
  query: (some: readonly Value[]) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const unique = [...new Set(values)];
  const rows: Row[] = [];
  for (let i = 0; i < unique.length; i += valuesAtOnce)
    for (const row of await query(unique.slice(i, i + valuesAtOnce))) rows.push(row);
  return rows;
}
