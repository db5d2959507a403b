/** From statements to what can be seen. Time comes from the record, never from the clock. */
import { isA } from '@parley/core/statement.ts';
import type { PartNumber } from '../../log/ports.ts';
import type { Db, Folding } from '../folding.ts';
import { foldCases } from './cases.ts';
import { foldGovernance } from './governance.ts';
import { foldGrant } from './grants.ts';
import { foldHoldHeadings, releasedBy } from './holds.ts';
import { narrow } from './narrowing.ts';
import { foldNotice } from './notices.ts';
import { closeCase, closeOthers, foldOpening } from './openings.ts';
import { foldShare } from './shares.ts';
import type { Surroundings } from './surroundings.ts';
import type { ObjectsTables } from './tables.ts';
import { takeBack } from './taking.ts';

/** @returns the parts whose bytes are to be erased: what this record takes back, or releases from a hold */
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
    await foldHoldHeadings(folding.record, db, around);
    await foldCases(folding, db);
    if (isA(header, 'recall/1')) {
      const { target, parts, from } = header.body;
      if (from === undefined) return takeBack(folding.record, target, parts, db, around);
      await narrow(folding.record, header, from, db, around);
    }
    if (isA(header, 'supervision.open/1')) await foldOpening(folding.record, header, db, around);
    if (isA(header, 'room.terms/1')) await closeOthers(header.room ?? '', db, around);
    if (isA(header, 'complaint.answer/1')) {
      const { index, supervisor } = await around.complaint(header.body.complaint);
      if (supervisor === header.party) await closeCase(index, db);
    }
    if (isA(header, 'hold.end/1')) return releasedBy(header.body.hold, db, around);
    if (isA(header, 'expiry/1')) return takeBack(folding.record, header.body.target, null, db, around);
  }
  return [];
}
