/** How many instants a record reserves: one for each row that it makes visible. The folds place rows by the same count. */
import { type AnyHeader, isA } from '@parley/core/statement.ts';

/** @param granted how many parts a grant or who supervises opens, and holds that stand on them; 0 for other kinds */
export function spanOf(header: AnyHeader, granted: number): number {
  if (isA(header, 'share/1')) return Math.max(1, header.parts?.count ?? 0);
  // The grant, the header of what it opens, two statements with the terms, then the parts, then holds on them.
  if (isA(header, 'grant/1')) return 4 + granted;
  // The opening, the header of what it opens, then the parts.
  if (isA(header, 'supervision.open/1')) return 2 + granted;
  // The notice or invitation, and two headers that it brings along.
  if (isA(header, 'notice/1') || isA(header, 'room.invite/1')) return 3;
  return 1;
}
