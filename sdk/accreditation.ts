/** What is classified above what the centre is accredited for never leaves this machine. */
import { type Classification, isAbove } from '@parley/core/classification.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Handling } from '@parley/core/handling.ts';
import { isA } from '@parley/core/statement.ts';
import { api, type Connection, fetchReceipt } from './connection.ts';
import { centreShape } from './shapes.ts';
import { readJson } from './transport.ts';

/**
 * Asked anew each time, since an accreditation can be lowered. Nothing of what is to be shared is in the question.
 * @throws handling.classification, read.unproven
 */
export async function checkAccredited(
  connection: Connection,
  handling: Pick<Handling, 'classification'>,
  at = '/body/handling/classification',
): Promise<void> {
  const { classification: level = 'unclassified' } = handling;
  if (level === 'unclassified') return;
  const highest = await accreditationOf(connection);
  if (isAbove(level, highest))
    throw new Refusal('handling.classification', {
      at,
      detail: `it is ${level}, and ${connection.centre} is accredited for nothing above ${highest}: nothing was sent`,
      params: { highest },
    });
}

/** Believed only with the centre's own statement, signed and in its log. @throws read.unproven */
export async function accreditationOf(connection: Connection): Promise<Classification> {
  const { accredited } = await readJson(await connection.transport.open(`${api}/centre`), centreShape);
  const { highest, statement } = accredited;
  if (statement === null) return 'unclassified';
  const { header } = (await fetchReceipt(connection, statement)).statement;
  const said = isA(header, 'centre.accredit/1') && header.party === connection.centreParty;
  if (!said || header.body.highest !== highest)
    throw new Refusal('read.unproven', { detail: `it does not prove to be accredited for ${highest}` });
  return highest;
}
