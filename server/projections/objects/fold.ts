/** From statements to what can be seen. Time comes from the record, never from the clock. */
import { isA } from '@parley/core/statement.ts';
import type { PartNumber } from '../../log/ports.ts';
import type { Db, Folding } from '../folding.ts';
import { foldGovernance } from './governance.ts';
import { foldGrant } from './grants.ts';
import { foldNotice } from './notices.ts';
import { foldShare } from './shares.ts';
import type { Surroundings } from './surroundings.ts';
import type { ObjectsTables } from './tables.ts';
import { takeBack } from './taking.ts';

/** @returns the parts that this record takes back: their bytes are to be erased */
export async function foldObjects(
  folding: Folding,
  db: Db<ObjectsTables>,
  around: Surroundings,
): Promise<readonly PartNumber[]> {
  const { header } = folding.record;
  if (isA(header, 'share/1')) await foldShare(folding, header, db, around);
  else if (isA(header, 'grant/1')) await foldGrant(folding.record, header, db, around);
  else if (isA(header, 'notice/1')) await foldNotice(folding.record, header, db, around);
  else {
    await foldGovernance(folding.record, db, around);
    if (isA(header, 'recall/1'))
      return takeBack(folding.record, header.body.target, header.body.parts, db, around);
    if (isA(header, 'expiry/1')) return takeBack(folding.record, header.body.target, null, db, around);
  }
  return [];
}
